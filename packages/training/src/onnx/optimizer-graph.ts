/**
 * The optimizer's update as nodes over flat vectors: all weights of the network in one, all moments in one each,
 * so that the number of nodes does not grow with the number of layers.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { OptimizerConfig } from '../optimizer.ts';

/** How many flat vectors of state an optimizer keeps beside the weights. */
export function slotCount(config: OptimizerConfig): number {
  return config.name === 'adam' ? 2 : 0;
}

export interface Updated {
  readonly weights: Value;
  /** As many as `slotCount`. */
  readonly slots: readonly Value[];
}

/**
 * @param weights [parameters]
 * @param gradients [parameters]
 * @param slots for Adam the first and second moments, [parameters] each
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
