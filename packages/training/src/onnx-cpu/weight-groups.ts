/**
 * Weight tensors that lie side by side in the flat vector are updated together, so that the number of nodes does not grow
 * with the number of layers; a large one stays alone, so that nothing is copied.
 */
import type { NetworkSpec, WeightSpec } from '../network/network.ts';

/** Weight tensors side by side in the flat vector, updated in one go. */
export interface WeightGroup {
  readonly weights: readonly WeightSpec[];
  /** First element in the flat vector. */
  readonly offset: number;
  readonly size: number;
  /** Moving statistics are in groups of their own: no gradient, no slots. */
  readonly trainable: boolean;
}

/** Above this many elements, joining a gradient to others would cost more than the nodes it saves. */
const LARGE = 2 ** 16;

/** All weight tensors in order, in as few groups as the large ones allow. */
function weightGroups({ weights }: NetworkSpec): readonly WeightGroup[] {
  const groups: WeightGroup[] = [];
  for (const weight of weights) {
    const last = groups.at(-1);
    const trainable = weight.trainable !== false;
    const small = last && last.size < LARGE && weight.size < LARGE;
    if (small && last.trainable === trainable) {
      const joined = [...last.weights, weight];
      groups[groups.length - 1] = { ...last, weights: joined, size: last.size + weight.size };
    } else {
      const { offset, size } = weight;
      groups.push({ weights: [weight], offset, size, trainable });
    }
  }
  return groups;
}

/** A network with what all its graphs and buffers need of it. */
export interface GroupedNetwork extends NetworkSpec {
  readonly groups: readonly WeightGroup[];
}

export function grouped(network: NetworkSpec): GroupedNetwork {
  return { ...network, groups: weightGroups(network) };
}
