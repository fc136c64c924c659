/** How well a trainer's network does on the test images. */
import { countCorrect } from '../trainer/correct.ts';
import { meanCrossEntropy } from './cross-entropy.ts';
import type { EpochEvent } from './events.ts';
import type { LabelledSet } from './options.ts';
import type { LossTable, NetworkSpec } from '../network/network.ts';
import type { Trainer } from '../trainer/trainer.ts';

/** The mean loss from probabilities [n, classes] and labels [n]. */
const LOSSES: LossTable<
  (probabilities: Float32Array, labels: Uint8Array, classes: number) => number
> = {
  softmaxCrossEntropy: meanCrossEntropy,
};

/** The figures of an epoch that come from the test images, with the time they took. */
export async function evaluateOn(
  trainer: Trainer,
  network: NetworkSpec,
  test: LabelledSet,
): Promise<
  Required<
    Pick<
      EpochEvent,
      'testAccuracy' | 'testLoss' | 'testCorrect' | 'testTotal' | 'evaluationSeconds'
    >
  >
> {
  const started = performance.now();
  const testTotal = test.labels.length;
  const probabilities = await trainer.predict(test.images, testTotal);
  const testCorrect = countCorrect(probabilities, test.labels, network.classes);
  const evaluationSeconds = (performance.now() - started) / 1000;
  return {
    testAccuracy: testCorrect / testTotal,
    testLoss: LOSSES[network.loss](probabilities, test.labels, network.classes),
    testCorrect,
    testTotal,
    evaluationSeconds,
  };
}
