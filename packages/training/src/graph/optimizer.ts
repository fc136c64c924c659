/** The optimizer's update as nodes over flat vectors. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { WeightSpec } from '../network/network.ts';
import {
  byOptimizer,
  isDecayed,
  type OptimizerConfig,
  type OptimizerTable,
  type StepValue,
} from '../trainer/optimizer.ts';

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
  /** [] each, those of `stepInputs` */
  readonly values: Readonly<Partial<Record<StepValue, Value>>>;
  /** The weight tensors that lie in `weights`, in their order. */
  readonly specs: readonly WeightSpec[];
}

type Slots = readonly (Value | undefined)[];

function present(slot: Value | undefined): Value {
  if (!slot) throw new Error('The optimizer needs more slots or numbers.');
  return slot;
}

/** slot + (target - slot)(1 - beta): Keras' form of a running mean. */
const towards = (g: GraphBuilder, slot: Value, target: Value, beta: number): Value =>
  g.op('Add', [slot, g.op('Mul', [g.op('Sub', [target, slot]), g.scalar(1 - beta)])]);

const times = (g: GraphBuilder, x: Value, factor: number): Value =>
  g.op('Mul', [x, g.scalar(factor)]);

interface State {
  /** [size], after weight decay */
  readonly weights: Value;
  readonly gradients: Value;
  /** [] */
  readonly rate: Value;
}

const UPDATES: OptimizerTable<[g: GraphBuilder, state: State, slots: Slots], Updated> = {
  // m = mu m - rate g; w += m, or with a look ahead mu m - rate g
  sgd: ({ momentum = 0, nesterov = false }, g, { weights, gradients, rate }, [slot]) => {
    if (momentum === 0) {
      return { weights: g.op('Sub', [weights, g.op('Mul', [gradients, rate])]), slots: [] };
    }
    const step = g.op('Mul', [gradients, rate]);
    const m = g.op('Sub', [times(g, present(slot), momentum), step]);
    const move = nesterov ? g.op('Sub', [times(g, m, momentum), step]) : m;
    return { weights: g.op('Add', [weights, move]), slots: [m] };
  },
  // m += (g - m)(1 - beta1); v += (g g - v)(1 - beta2); w -= rate m / (sqrt(v) + epsilon)   (Keras' form)
  adam: ({ beta1, beta2, epsilon }, g, { weights, gradients, rate }, [momentum, velocity]) => {
    const m = towards(g, present(momentum), gradients, beta1);
    const v = towards(g, present(velocity), g.op('Mul', [gradients, gradients]), beta2);
    const divisor = g.op('Add', [g.op('Sqrt', [v]), g.scalar(epsilon)]);
    const step = g.op('Div', [g.op('Mul', [m, rate]), divisor]);
    return { weights: g.op('Sub', [weights, step]), slots: [m, v] };
  },
  // v = rho v + (1 - rho) g g; step = rate g / sqrt(v - a a + epsilon) with the mean a of g where it is centered
  rmsprop: (config, g, { weights, gradients, rate }, slots) => {
    const { rho, epsilon, momentum = 0, centered = false } = config;
    const mean = (slot: Value | undefined, x: Value): Value =>
      g.op('Add', [times(g, present(slot), rho), times(g, x, 1 - rho)]);
    const [velocity, ...others] = slots;
    const v = mean(velocity, g.op('Mul', [gradients, gradients]));
    const a = centered ? mean(others.pop(), gradients) : undefined;
    const spread = a ? g.op('Sub', [v, g.op('Mul', [a, a])]) : v;
    const root = g.op('Sqrt', [g.op('Add', [spread, g.scalar(epsilon)])]);
    const step = g.op('Div', [g.op('Mul', [gradients, rate]), root]);
    const m =
      momentum > 0 ? g.op('Add', [times(g, present(others.pop()), momentum), step]) : undefined;
    const kept = [v, ...(m ? [m] : []), ...(a ? [a] : [])];
    return { weights: g.op('Sub', [weights, m ?? step]), slots: kept };
  },
  // m as Adam's; u = max(beta2 u, |g|); w -= rate m / (u + epsilon)
  adamax: ({ beta1, beta2, epsilon }, g, { weights, gradients, rate }, [momentum, norm]) => {
    const m = towards(g, present(momentum), gradients, beta1);
    const u = g.op('Max', [times(g, present(norm), beta2), g.op('Abs', [gradients])]);
    const divisor = g.op('Add', [u, g.scalar(epsilon)]);
    const step = g.op('Div', [g.op('Mul', [m, rate]), divisor]);
    return { weights: g.op('Sub', [weights, step]), slots: [m, u] };
  },
  // w -= rate sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g
  lion: ({ beta1, beta2 }, g, { weights, gradients, rate }, [slot]) => {
    const mixed = (beta: number): Value =>
      g.op('Add', [times(g, present(slot), beta), times(g, gradients, 1 - beta)]);
    const step = g.op('Mul', [g.op('Sign', [mixed(beta1)]), rate]);
    return { weights: g.op('Sub', [weights, step]), slots: [mixed(beta2)] };
  },
};

export function applyOptimizer(g: GraphBuilder, config: OptimizerConfig, update: Update): Updated {
  const { gradients, values } = update;
  const [own, average] =
    config.useEma === true ? [update.slots.slice(0, -1), update.slots.at(-1)] : [update.slots];
  const state = { weights: decayed(g, config, update), gradients, rate: present(values.rate) };
  const { weights, slots } = byOptimizer(UPDATES, config, g, state, own);
  if (!average) return { weights, slots };
  // mean = kept mean + (1 - kept) w
  const kept = present(values.ema);
  const fresh = g.op('Mul', [weights, g.op('Sub', [g.scalar(1), kept])]);
  return { weights, slots: [...slots, g.op('Add', [g.op('Mul', [average, kept]), fresh])] };
}

/** Weights less what decay takes of those that it applies to. */
function decayed(
  g: GraphBuilder,
  config: OptimizerConfig,
  { weights, values: { decay }, specs }: Update,
): Value {
  if (!decay) return weights;
  const applies = (spec: WeightSpec): boolean =>
    spec.trainable !== false && isDecayed(config, spec.name);
  if (!specs.some(applies)) return weights;
  const lost = g.op('Mul', [weights, decay]);
  if (specs.every(applies)) return g.op('Sub', [weights, lost]);
  const mask = specs.flatMap((spec) => new Array<number>(spec.size).fill(applies(spec) ? 1 : 0));
  const chosen = g.constant('float32', [mask.length], Float32Array.from(mask));
  return g.op('Sub', [weights, g.op('Mul', [lost, chosen])]);
}

/** Gradients that are not too large, by the optimizer's limit; the same map where it has none. */
export function clipped(
  g: GraphBuilder,
  { clipnorm, globalClipnorm, clipvalue }: OptimizerConfig,
  gradients: ReadonlyMap<WeightSpec, Value>,
): ReadonlyMap<WeightSpec, Value> {
  const all = [...gradients];
  const squares = (x: Value): Value => g.reduceSum(g.op('Mul', [x, x]), []);
  /** x limit / max(norm, limit) */
  const shortened = (x: Value, squared: Value, limit: number): Value =>
    g.op('Mul', [
      x,
      g.op('Div', [g.scalar(limit), g.op('Max', [g.op('Sqrt', [squared]), g.scalar(limit)])]),
    ]);
  if (clipvalue !== undefined) {
    const limits = [g.scalar(-clipvalue), g.scalar(clipvalue)];
    return new Map(all.map(([spec, x]) => [spec, g.op('Clip', [x, ...limits])]));
  }
  if (clipnorm !== undefined) {
    return new Map(all.map(([spec, x]) => [spec, shortened(x, squares(x), clipnorm)]));
  }
  if (globalClipnorm !== undefined && all.length > 0) {
    const sums = all.map(([, x]) => squares(x));
    const [first] = sums;
    const total = first && sums.length === 1 ? first : g.op('Sum', sums);
    return new Map(all.map(([spec, x]) => [spec, shortened(x, total, globalClipnorm)]));
  }
  return gradients;
}
