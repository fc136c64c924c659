/** The optimizer's update as nodes over flat vectors. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { byOptimizer, type OptimizerConfig, type OptimizerTable } from '../trainer/optimizer.ts';

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
