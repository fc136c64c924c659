/**
 * The optimizer's update as nodes over flat vectors. Weight tensors that lie side by side are updated together, so that
 * the number of nodes does not grow with the number of layers; a large one stays alone, so that nothing is copied.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import { byOptimizer, type OptimizerConfig, type OptimizerTable } from '../trainer/optimizer.ts';

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
export function weightGroups({ weights }: NetworkSpec): readonly WeightGroup[] {
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

export interface Updated {
  readonly weights: Value;
  /** As many as `slotCount`. */
  readonly slots: readonly Value[];
}

interface Update {
  /** [size] */
  readonly weights: Value;
  /** [size] */
  readonly gradients: Value;
  /** As many as `slotCount`, [size] each; for Adam the first and second moments. */
  readonly slots: readonly Value[];
  /** [] the step's rate with bias correction (`stepRate`) */
  readonly rate: Value;
}

const UPDATES: OptimizerTable<[g: GraphBuilder, update: Update], Updated> = {
  sgd: (_, g, { weights, gradients, rate }) => ({
    weights: g.op('Sub', [weights, g.op('Mul', [gradients, rate])]),
    slots: [],
  }),
  adam: ({ beta1, beta2, epsilon }, g, { weights, gradients, slots, rate }) => {
    const [momentum, velocity] = slots;
    if (!momentum || !velocity) throw new Error('Adam needs two slots');
    // m += (g - m)(1 - beta1); v += (g g - v)(1 - beta2); w -= rate m / (sqrt(v) + epsilon)   (Keras' form)
    const towards = (slot: Value, target: Value, beta: number): Value =>
      g.op('Add', [slot, g.op('Mul', [g.op('Sub', [target, slot]), g.scalar(1 - beta)])]);
    const m = towards(momentum, gradients, beta1);
    const v = towards(velocity, g.op('Mul', [gradients, gradients]), beta2);
    const divisor = g.op('Add', [g.op('Sqrt', [v]), g.scalar(epsilon)]);
    const step = g.op('Div', [g.op('Mul', [m, rate]), divisor]);
    return { weights: g.op('Sub', [weights, step]), slots: [m, v] };
  },
};

export function applyOptimizer(g: GraphBuilder, config: OptimizerConfig, update: Update): Updated {
  return byOptimizer(UPDATES, config, g, update);
}
