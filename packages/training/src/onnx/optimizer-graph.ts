/**
 * The optimizer's update as nodes over flat vectors. Weight tensors that lie side by side are updated together, so that
 * the number of nodes does not grow with the number of layers; a large one stays alone, so that nothing is copied.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { NetworkSpec, WeightSpec } from '../network.ts';
import type { OptimizerConfig } from '../optimizer.ts';

/** How many flat vectors of state an optimizer keeps beside the weights. */
export function slotCount(config: OptimizerConfig): number {
  return config.name === 'adam' ? 2 : 0;
}

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

/**
 * @param weights [size]
 * @param gradients [size]
 * @param slots for Adam the first and second moments, [size] each
 * @param rate [] the step's rate with bias correction (`stepRate`)
 */
export function applyOptimizer(
  g: GraphBuilder,
  config: OptimizerConfig,
  weights: Value,
  gradients: Value,
  slots: readonly Value[],
  rate: Value,
): Updated {
  if (config.name === 'sgd') {
    return { weights: g.op('Sub', [weights, g.op('Mul', [gradients, rate])]), slots: [] };
  }
  const [momentum, velocity] = slots;
  if (!momentum || !velocity) throw new Error('Adam needs two slots');
  // m += (g - m)(1 - beta1); v += (g g - v)(1 - beta2); w -= rate m / (sqrt(v) + epsilon)   (Keras' form)
  const towards = (slot: Value, target: Value, beta: number): Value =>
    g.op('Add', [slot, g.op('Mul', [g.op('Sub', [target, slot]), g.scalar(1 - beta)])]);
  const m = towards(momentum, gradients, config.beta1);
  const v = towards(velocity, g.op('Mul', [gradients, gradients]), config.beta2);
  const divisor = g.op('Add', [g.op('Sqrt', [v]), g.scalar(config.epsilon)]);
  const update = g.op('Div', [g.op('Mul', [m, rate]), divisor]);
  return { weights: g.op('Sub', [weights, update]), slots: [m, v] };
}
