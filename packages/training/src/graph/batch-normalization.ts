/**
 * Batch normalization (Ioffe and Szegedy 2015, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
 * Covariate Shift", algorithms 1 and 2 and section 3) with Keras' semantics, in operators that every provider has. For the
 * m = n * rows * columns values x of a channel:
 *
 *   training    mean = sum x / m      variance = sum (x - mean)^2 / m      r = 1 / sqrt(variance + epsilon)
 *               y = gamma r (x - mean) + beta
 *               moving += (batch - moving) (1 - momentum) for mean and variance; Keras 3 keeps the variance biased there too
 *   prediction  y from the moving mean and variance
 *   backward    dbeta = sum dy        dgamma = r sum dy (x - mean)
 *               dx = gamma r (dy - dbeta / m - (x - mean) r dgamma / m)
 */
import type { Value } from '@fashion-bench/onnx';
import type { BatchNormalizationSpec, WeightSpec } from '../network/network.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

export function lowerBatchNormalization(
  context: LoweringContext,
  layer: BatchNormalizationSpec,
  input: Feature,
  needsGradient: boolean,
): Lowered {
  const { g } = context;
  const channels = new Channels(context, layer, input.layout === 'nhwc' ? 'nhwc' : 'nchw');
  const gamma = layer.gamma && context.weight(layer.gamma);
  const beta = layer.beta && context.weight(layer.beta);
  const { centred, variance } = centredInput(context, layer, channels, channels.of(input));
  const deviation = g.op('Sqrt', [g.op('Add', [variance, g.scalar(layer.epsilon)])]);
  const r = g.op('Div', [g.scalar(1), deviation]); // [channels], as all that follows but centred, y, dy and dx
  const slope = gamma ? g.op('Mul', [gamma, r]) : r;
  const scaled = g.op('Mul', [centred, channels.spread(slope)]);
  const y = beta ? g.op('Add', [scaled, channels.spread(beta)]) : scaled;
  return {
    output: channels.feature(input, y),
    backward(gradient) {
      const dy = channels.of(gradient);
      const byBeta = channels.sum(dy);
      const byGamma = g.op('Mul', [r, channels.sum(g.op('Mul', [dy, centred]))]);
      if (layer.beta) context.gradient(layer.beta, byBeta);
      if (layer.gamma) context.gradient(layer.gamma, byGamma);
      if (!needsGradient) return undefined;
      if (layer.frozen)
        return channels.feature(gradient, g.op('Mul', [dy, channels.spread(slope)]));
      const level = channels.perValue(byBeta);
      const tilt = channels.perValue(g.op('Mul', [r, byGamma]));
      const aroundLevel = g.op('Sub', [dy, channels.spread(level)]);
      const tilted = g.op('Mul', [centred, channels.spread(tilt)]);
      const rest = g.op('Sub', [aroundLevel, tilted]);
      return channels.feature(gradient, g.op('Mul', [rest, channels.spread(slope)]));
    },
  };
}

/** x - mean, and the variance: of the batch, which the moving statistics then follow, or of the moving statistics. */
function centredInput(
  context: LoweringContext,
  { momentum, movingMean, movingVariance, frozen }: BatchNormalizationSpec,
  channels: Channels,
  x: Value,
): { readonly centred: Value; readonly variance: Value } {
  const { g } = context;
  if (!context.training || frozen) {
    const mean = context.weight(movingMean);
    const centred = g.op('Sub', [x, channels.spread(mean)]);
    return { centred, variance: context.weight(movingVariance) };
  }
  const mean = channels.perValue(channels.sum(x));
  const centred = g.op('Sub', [x, channels.spread(mean)]);
  const variance = channels.perValue(channels.sum(g.op('Mul', [centred, centred])));
  const follow = (spec: WeightSpec, statistic: Value): void => {
    const moving = context.weight(spec);
    const way = g.op('Mul', [g.op('Sub', [statistic, moving]), g.scalar(1 - momentum)]);
    context.moved(spec, g.op('Add', [moving, way]));
  };
  follow(movingMean, mean);
  follow(movingVariance, variance);
  return { centred, variance };
}

/** A feature as [n, pixels, channels] or [n, channels, pixels], whichever it is in, and vectors of one value for each channel. */
class Channels {
  readonly #context: LoweringContext;
  readonly #layer: BatchNormalizationSpec;
  readonly #layout: 'nhwc' | 'nchw';

  constructor(context: LoweringContext, layer: BatchNormalizationSpec, layout: 'nhwc' | 'nchw') {
    this.#context = context;
    this.#layer = layer;
    this.#layout = layout;
  }

  of(feature: Feature): Value {
    const { g, batch } = this.#context;
    const { rows, columns, channels } = this.#layer.input;
    const pixels = rows * columns;
    const shape = this.#layout === 'nhwc' ? [pixels, channels] : [channels, pixels];
    return g.reshape(feature.as(this.#layout), [batch, ...shape]);
  }

  /** The way back from `of`. */
  feature(like: Feature, value: Value): Feature {
    const { g, batch } = this.#context;
    const { rows, columns, channels } = this.#layer.input;
    const shape = this.#layout === 'nhwc' ? [rows, columns, channels] : [channels, rows, columns];
    return like.derive(this.#layout, g.reshape(value, [batch, ...shape]), this.#layer.input);
  }

  /** Over pixels, then over images: a device would give a sum over both to one thread. [channels] */
  sum(value: Value): Value {
    const { g } = this.#context;
    return g.reduceSum(g.reduceSum(value, [this.#layout === 'nhwc' ? 1 : 2]), [0]);
  }

  /** A sum divided by the number of values that a channel has in the batch. */
  perValue(sum: Value): Value {
    const { g, batch } = this.#context;
    const { rows, columns } = this.#layer.input;
    return g.op('Mul', [sum, g.scalar(1 / (batch * rows * columns))]);
  }

  /** [channels] in a shape that meets every value of its channel. */
  spread(vector: Value): Value {
    const { g } = this.#context;
    return this.#layout === 'nhwc' ? vector : g.reshape(vector, [this.#layer.input.channels, 1]);
  }
}
