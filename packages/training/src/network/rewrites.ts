/** Changes of the order of layers that leave the result the same, for every engine that likes them. */
import type { LayerSpec } from './network.ts';
import { feedsOnlyNext } from './wiring.ts';

/** [.., relu, pool, ..] -> [.., pool, relu, ..]: a maximum commutes with a monotone function. */
export function reluAfterPooling(layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const order = [...layers];
  for (let i = 0; i + 1 < order.length; i++) {
    const [first, second] = [order[i], order[i + 1]];
    if (
      first?.kind === 'activation' &&
      first.activation === 'relu' &&
      second?.kind === 'maxPooling2d' &&
      feedsOnlyNext(order, i)
    ) {
      const { sources, ...relu } = first;
      order[i] = { ...second, ...(sources && { sources }) };
      order[i + 1] = { ...relu, input: second.output, output: second.output };
    }
  }
  return order;
}
