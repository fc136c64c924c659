/** The network and the optimizer that a run's settings name, and what the record calls the network. */

import { fashionCnn, publishedCnn } from '@fashion-bench/cnn';
import { adam, adamax, lion, type OptimizerConfig, rmsprop, sgd } from '@fashion-bench/training';

import type { Settings } from '../../command-line/settings.ts';

/** `2 Conv+pooling` is what the published table calls it. */
const NETWORKS = {
  study: { name: 'fashionCnn', make: fashionCnn },
  published: { name: '2 Conv+pooling', make: publishedCnn },
} as const;

export function networkName({ network }: Pick<Settings, 'network'>): string {
  return NETWORKS[network].name;
}

/** With the initial weights of the seed. The caller disposes it. */
export function newNetwork({
  network,
  seed,
}: Pick<Settings, 'network' | 'seed'>): ReturnType<typeof fashionCnn> {
  return NETWORKS[network].make({ seed });
}

const OPTIMIZERS = { adam, sgd, rmsprop, adamax, lion };

export function optimizerOf({
  optimizer,
  learningRate,
}: Pick<Settings, 'optimizer' | 'learningRate'>): OptimizerConfig {
  return OPTIMIZERS[optimizer]({ learningRate });
}
