/**
 * An activation (or its gradient) inside the graph, in whichever memory layout its producer made it.
 * Consumers ask for the layout they want; a conversion is a node, made once and remembered.
 *
 *   nhwc     [n, rows, columns, channels]   TensorFlow's, and what Flatten and matrix products want
 *   nchw     [n, channels, rows, columns]   what ONNX' Conv and MaxPool want
 *   blocked  shape as nchw, but channels in blocks of 8 or 16 innermost: onnxruntime's own fast layout
 *            (domain com.microsoft.nchwc), a factor of about two for convolutions
 *
 * A feature may carry a factor that is still to be multiplied in (1/255 of the pixels, 1/(1 - rate) of a dropout's
 * gradient): whoever only makes a small tensor of it multiplies that instead, and saves a pass over the large one.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { featureCount, type FeatureShape } from '../network/network.ts';

export type Layout = 'nhwc' | 'nchw' | 'blocked';

/** The layout in which to take features together: the blocked one where one is in it and all have whole blocks of channels. */
export function commonLayout(features: readonly Feature[], block: number): Layout {
  const layouts = features.map(({ layout }) => layout);
  const fills = features.every(({ shape }) => shape.channels % block === 0);
  if (layouts.includes('blocked') && fills) return 'blocked';
  return layouts.find((layout) => layout !== 'blocked') ?? 'nhwc';
}

export class Feature {
  readonly shape: FeatureShape;
  /** The layout it was made in. */
  readonly layout: Layout;
  /** The true value is `raw` times this. */
  readonly factor: number;
  readonly #g: GraphBuilder;
  readonly #batch: number;
  readonly #views: Map<Layout, Value>;
  #resolved: Feature | undefined;

  constructor(
    g: GraphBuilder,
    batch: number,
    shape: FeatureShape,
    layout: Layout,
    views: Map<Layout, Value> | Value,
    factor = 1,
  ) {
    this.#g = g;
    this.#batch = batch;
    this.shape = shape;
    this.layout = layout;
    this.factor = factor;
    this.#views = views instanceof Map ? views : new Map([[layout, views]]);
  }

  /** Another feature of the same graph and batch. */
  derive(layout: Layout, value: Value, shape: FeatureShape = this.shape, factor = 1): Feature {
    return new Feature(this.#g, this.#batch, shape, layout, value, factor);
  }

  /** A value made of this one's raw value: of the same shape, and it lacks the same factor. */
  map(layout: Layout, value: Value): Feature {
    return this.derive(layout, value, this.shape, this.factor);
  }

  /** The same numbers times a factor, without a node. */
  times(factor: number): Feature {
    const { shape, layout } = this;
    return new Feature(this.#g, this.#batch, shape, layout, this.#views, this.factor * factor);
  }

  /** The value in a layout, the factor multiplied in. For `blocked`, channels must be a multiple of the block. */
  as(layout: Layout): Value {
    if (this.factor === 1) return this.raw(layout);
    this.#resolved ??= this.derive(
      this.layout,
      this.#g.op('Mul', [this.raw(this.layout), this.#g.scalar(this.factor)]),
    );
    return this.#resolved.raw(layout);
  }

  /** The value in a layout without its factor: for those who take care of it themselves. */
  raw(layout: Layout): Value {
    const known = this.#views.get(layout);
    if (known) return known;
    const value = this.#convert(layout);
    this.#views.set(layout, value);
    return value;
  }

  /** [n, rows * columns * channels] in TensorFlow's order, without the factor. */
  rawMatrix(): Value {
    return this.#g.reshape(this.raw('nhwc'), [this.#batch, featureCount(this.shape)]);
  }

  /** [n, rows * columns * channels] in TensorFlow's order. */
  matrix(): Value {
    return this.#g.reshape(this.as('nhwc'), [this.#batch, featureCount(this.shape)]);
  }

  /** [n * rows * columns, channels]. */
  pixels(): Value {
    const { rows, columns, channels } = this.shape;
    return this.#g.reshape(this.as('nhwc'), [this.#batch * rows * columns, channels]);
  }

  #convert(layout: Layout): Value {
    const g = this.#g;
    const { rows, columns, channels } = this.shape;
    const blocked = this.#views.get('blocked');
    if (layout === 'blocked') {
      return this.#views.has('nchw')
        ? g.op('NchwcReorderInput', [this.raw('nchw')])
        : g.op('NchwcReorderInput', [this.raw('nhwc')], { channels_last: 1 });
    }
    if (blocked) {
      return g.op('NchwcReorderOutput', [blocked], {
        channels,
        channels_last: layout === 'nhwc' ? 1 : 0,
      });
    }
    const from = this.raw(this.layout);
    // With one channel or one pixel both orders are the same bytes.
    if (channels === 1 || rows * columns === 1) {
      const shape = layout === 'nhwc' ? [rows, columns, channels] : [channels, rows, columns];
      return g.reshape(from, [this.#batch, ...shape]);
    }
    return g.transpose(from, layout === 'nhwc' ? [0, 2, 3, 1] : [0, 3, 1, 2]);
  }
}
