/**
 * Activations and their slopes, as TensorFlow.js defines them (tfjs-layers/src/activations.ts). A slope is built from y = f(x)
 * where that saves a node, else from x.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { ActivationSpec } from '../network/network.ts';
import type { ElementwiseActivation } from '../network/activations.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

/**
 * 1 where x > 0 and 0 elsewhere, in one pass: HardSigmoid is max(0, min(1, alpha x + beta)). `Greater` and `Cast` are two passes,
 * `Sign` is one but not vectorised. Between 0 and 3e-39 (below float32's normal numbers) it is a fraction.
 */
export function isPositive(g: GraphBuilder, x: Value): Value {
  return g.op('HardSigmoid', [x], { alpha: 3e38, beta: 0 });
}

interface ActivationRule {
  readonly forward: (g: GraphBuilder, x: Value, alpha: number) => Value;
  readonly slope: (g: GraphBuilder, x: Value, y: Value, alpha: number) => Value;
}

const times = (g: GraphBuilder, x: Value, factor: number | Value): Value =>
  g.op('Mul', [x, typeof factor === 'number' ? g.scalar(factor) : factor]);
const plus = (g: GraphBuilder, x: Value, y: number | Value): Value =>
  g.op('Add', [x, typeof y === 'number' ? g.scalar(y) : y]);
/** 1 - x */
const complement = (g: GraphBuilder, x: Value): Value => g.op('Sub', [g.scalar(1), x]);
/** `above` where x > threshold, else `below`. */
const where = (g: GraphBuilder, x: Value, threshold: number, above: Value, below: Value): Value =>
  g.op('Where', [g.op('Greater', [x, g.scalar(threshold)]), above, below]);

/** Klambauer et al. 2017, "Self-Normalizing Neural Networks", section 1. */
const SELU = { alpha: 1.6732632423543772, gamma: 1.0507009873554805 };
/** sqrt(2 / pi), and the cubic term of the approximation by tanh (Hendrycks and Gimpel 2016, section 2). */
const GELU = { slope: Math.sqrt(2 / Math.PI), cubic: 0.044715 };

/** The distribution function of the normal distribution: (1 + erf(x / sqrt 2)) / 2. */
function normalCdf(g: GraphBuilder, x: Value): Value {
  return times(g, plus(g, g.op('Erf', [times(g, x, Math.SQRT1_2)]), 1), 0.5);
}

/** tanh(sqrt(2 / pi) (x + 0.044715 x^3)) */
function geluTanh(g: GraphBuilder, x: Value): Value {
  const inner = plus(g, times(g, times(g, x, x), GELU.cubic), 1);
  return g.op('Tanh', [times(g, times(g, x, inner), GELU.slope)]);
}

const RULES: Readonly<Record<ElementwiseActivation, ActivationRule>> = {
  relu: {
    forward: (g, x) => g.op('Relu', [x]),
    slope: (g, _, y) => isPositive(g, y),
  },
  sigmoid: {
    forward: (g, x) => g.op('Sigmoid', [x]),
    slope: (g, _, y) => g.op('Mul', [y, complement(g, y)]),
  },
  tanh: {
    forward: (g, x) => g.op('Tanh', [x]),
    slope: (g, _, y) => g.op('Sub', [g.scalar(1), g.op('Mul', [y, y])]),
  },
  elu: {
    forward: (g, x) => g.op('Elu', [x]),
    slope: (g, x, y) => where(g, x, 0, g.scalar(1), plus(g, y, 1)),
  },
  selu: {
    forward: (g, x) => g.op('Selu', [x], SELU),
    slope: (g, x, y) => where(g, x, 0, g.scalar(SELU.gamma), plus(g, y, SELU.alpha * SELU.gamma)),
  },
  relu6: {
    forward: (g, x) => g.op('Clip', [x, g.scalar(0), g.scalar(6)]),
    slope: (g, x) => {
      const inside = g.op('And', [
        g.op('Greater', [x, g.scalar(0)]),
        g.op('LessOrEqual', [x, g.scalar(6)]),
      ]);
      return g.cast(inside, 'float32');
    },
  },
  softplus: {
    forward: (g, x) => g.op('Softplus', [x]),
    slope: (g, x) => g.op('Sigmoid', [x]),
  },
  // x / (1 + |x|), with slope 1 / (1 + |x|)^2 = (1 - |y|)^2
  softsign: {
    forward: (g, x) => g.op('Softsign', [x]),
    slope: (g, _, y) => {
      const rest = complement(g, g.op('Abs', [y]));
      return times(g, rest, rest);
    },
  },
  // x s with s = sigmoid(x), slope s + y (1 - s)
  swish: {
    forward: (g, x) => times(g, x, g.op('Sigmoid', [x])),
    slope: (g, x, y) => {
      const s = g.op('Sigmoid', [x]);
      return plus(g, s, times(g, y, complement(g, s)));
    },
  },
  // x t with t = tanh(softplus(x)), slope t + x (1 - t^2) sigmoid(x)
  mish: {
    forward: (g, x) => times(g, x, g.op('Tanh', [g.op('Softplus', [x])])),
    slope: (g, x) => {
      const t = g.op('Tanh', [g.op('Softplus', [x])]);
      const inner = times(g, complement(g, times(g, t, t)), g.op('Sigmoid', [x]));
      return plus(g, t, times(g, x, inner));
    },
  },
  // x F(x) with the normal distribution's F, slope F(x) + x exp(-x^2 / 2) / sqrt(2 pi)
  gelu: {
    forward: (g, x) => times(g, x, normalCdf(g, x)),
    slope: (g, x) => {
      const density = times(g, g.op('Exp', [times(g, times(g, x, x), -0.5)]), GELU.slope / 2);
      return plus(g, normalCdf(g, x), times(g, x, density));
    },
  },
  // x (1 + t) / 2, slope (1 + t) / 2 + x (1 - t^2) sqrt(2 / pi) (1 + 3 * 0.044715 x^2) / 2
  gelu_new: {
    forward: (g, x) => times(g, x, times(g, plus(g, geluTanh(g, x), 1), 0.5)),
    slope: (g, x) => {
      const t = geluTanh(g, x);
      const inner = plus(g, times(g, times(g, x, x), 3 * GELU.cubic), 1);
      const tilt = times(g, times(g, x, complement(g, times(g, t, t))), inner);
      return plus(g, times(g, plus(g, t, 1), 0.5), times(g, tilt, GELU.slope / 2));
    },
  },
  // max(0, min(1, 0.2 x + 0.5))
  hardSigmoid: {
    forward: (g, x) => g.op('HardSigmoid', [x], { alpha: 0.2, beta: 0.5 }),
    slope: (g, _, y) => {
      const inside = g.op('And', [
        g.op('Greater', [y, g.scalar(0)]),
        g.op('Less', [y, g.scalar(1)]),
      ]);
      return times(g, g.cast(inside, 'float32'), 0.2);
    },
  },
  leakyRelu: {
    forward: (g, x, alpha) => g.op('LeakyRelu', [x], { alpha }),
    slope: (g, x, _, alpha) => where(g, x, 0, g.scalar(1), g.scalar(alpha)),
  },
  thresholdedRelu: {
    forward: (g, x, alpha) => g.op('ThresholdedRelu', [x], { alpha }),
    slope: (g, x, _, alpha) => g.cast(g.op('Greater', [x, g.scalar(alpha)]), 'float32'),
  },
};

export function lowerActivation(
  { g }: LoweringContext,
  { activation, alpha = 1 }: ActivationSpec,
  input: Feature,
): Lowered {
  const { layout } = input;
  const { forward, slope } = RULES[activation];
  const x = input.as(layout);
  const y = forward(g, x, alpha);
  return {
    output: input.derive(layout, y),
    backward(gradient) {
      const factor = slope(g, x, y, alpha);
      const dx = g.op('Mul', [gradient.raw(layout), factor]);
      return gradient.derive(layout, dx, gradient.shape, gradient.factor);
    },
  };
}
