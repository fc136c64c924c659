/** The optimizers' updates number by number, in float64 between float32 weights and slots: slow and obvious. */
import type { WeightSpec } from '../network/network.ts';
import {
  byOptimizer,
  isDecayed,
  stepDecay,
  stepEma,
  stepRate,
  type OptimizerConfig,
  type OptimizerTable,
} from '../trainer/optimizer.ts';
import type { TrainerState } from '../trainer/trainer.ts';

/** What a step takes from a weight with this gradient; `slots` are read and written at `i`. */
type Step = (g: number, i: number, slots: readonly Float32Array[], rate: number) => number;

/** Reads and writes a slot at a place: what is stored is float32, what is handed on is not rounded. */
function put(slot: Float32Array | undefined, i: number, value: (old: number) => number): number {
  if (!slot) throw new Error('The optimizer needs more slots.');
  const made = value(slot[i]!);
  slot[i] = made;
  return made;
}

const STEPS: OptimizerTable<[], Step> = {
  sgd:
    ({ momentum = 0, nesterov = false }) =>
    (g, i, [slot], rate) => {
      if (momentum === 0) return rate * g;
      const m = put(slot, i, (old) => momentum * old - rate * g);
      return nesterov ? rate * g - momentum * m : -m;
    },
  adam:
    ({ beta1, beta2, epsilon }) =>
    (g, i, [first, second], rate) => {
      const m = put(first, i, (old) => old + (g - old) * (1 - beta1));
      const v = put(second, i, (old) => old + (g * g - old) * (1 - beta2));
      return (rate * m) / (Math.sqrt(v) + epsilon);
    },
  rmsprop:
    ({ rho, epsilon, momentum = 0, centered = false }) =>
    (g, i, [second, ...others], rate) => {
      const v = put(second, i, (old) => rho * old + (1 - rho) * g * g);
      const a = centered ? put(others.at(-1), i, (old) => rho * old + (1 - rho) * g) : 0;
      const step = (rate * g) / Math.sqrt(v - a * a + epsilon);
      return momentum > 0 ? put(others[0], i, (old) => momentum * old + step) : step;
    },
  adamax:
    ({ beta1, beta2, epsilon }) =>
    (g, i, [first, norm], rate) => {
      const m = put(first, i, (old) => old + (g - old) * (1 - beta1));
      const u = put(norm, i, (old) => Math.max(beta2 * old, Math.abs(g)));
      return (rate * m) / (u + epsilon);
    },
  lion:
    ({ beta1, beta2 }) =>
    (g, i, [slot], rate) => {
      let sign = 0;
      put(slot, i, (old) => {
        sign = Math.sign(beta1 * old + (1 - beta1) * g);
        return beta2 * old + (1 - beta2) * g;
      });
      return rate * sign;
    },
};

/** Takes step `t` = 1, 2, … in place. @param weights the tensors that are trained @param gradients flat, changed by clipping */
export function update(
  config: OptimizerConfig,
  state: TrainerState,
  specs: readonly WeightSpec[],
  gradients: Float32Array,
  t: number,
): void {
  clip(config, specs, gradients);
  const step = byOptimizer(STEPS, config);
  const [rate, decay] = [stepRate(config, t), stepDecay(config, t)];
  const { weights, slots: all } = state;
  const [slots, mean] = config.useEma === true ? [all.slice(0, -1), all.at(-1)] : [all];
  const ema = stepEma(config, t);
  for (const { name, offset, size } of specs) {
    const kept = isDecayed(config, name) ? 1 - decay : 1;
    for (let i = offset; i < offset + size; i++) {
      weights[i] = weights[i]! * kept - step(gradients[i]!, i, slots, rate);
      if (mean) mean[i] = mean[i]! * ema + weights[i]! * (1 - ema);
    }
  }
}

function clip(
  { clipnorm, globalClipnorm, clipvalue }: OptimizerConfig,
  specs: readonly WeightSpec[],
  gradients: Float32Array,
): void {
  const parts = specs.map(({ offset, size }) => gradients.subarray(offset, offset + size));
  const squares = parts.map((part) => part.reduce((sum, g) => sum + g * g, 0));
  const total = squares.reduce((sum, square) => sum + square, 0);
  parts.forEach((part, p) => {
    const limit = clipnorm ?? globalClipnorm ?? Infinity;
    const norm = Math.sqrt(clipnorm === undefined ? total : (squares[p] ?? 0));
    const factor = limit === Infinity ? 1 : limit / Math.max(norm, limit);
    const most = clipvalue ?? Infinity;
    part.forEach((g, i) => {
      part[i] = Math.min(most, Math.max(-most, g * factor));
    });
  });
}
