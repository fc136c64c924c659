/**
 * An activation (or its gradient) inside the graph, in whichever memory layout its producer made it.
 * Consumers ask for the layout they want; a conversion is a node, made once and remembered.
 *
 *   nhwc     [n, rows, columns, channels]   TensorFlow's, and what Flatten and matrix products want
 *   nchw     [n, channels, rows, columns]   what ONNX' Conv and MaxPool want
 *   blocked  shape as nchw, but channels in blocks of 8 or 16 innermost: onnxruntime's own fast layout
 *            (domain com.microsoft.nchwc), a factor of about two for convolutions
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { featureCount, type FeatureShape } from '../network.ts';

export type Layout = 'nhwc' | 'nchw' | 'blocked';

export class Feature {
  readonly shape: FeatureShape;
  /** The layout it was made in. */
  readonly layout: Layout;
  readonly #g: GraphBuilder;
  readonly #batch: number;
  readonly #views = new Map<Layout, Value>();

  constructor(g: GraphBuilder, batch: number, shape: FeatureShape, layout: Layout, value: Value) {
    this.#g = g;
    this.#batch = batch;
    this.shape = shape;
    this.layout = layout;
    this.#views.set(layout, value);
  }

  /** Another feature of the same graph and batch. */
  derive(layout: Layout, value: Value, shape: FeatureShape = this.shape): Feature {
    return new Feature(this.#g, this.#batch, shape, layout, value);
  }

  /** The value in a layout. For `blocked`, channels must be a multiple of the block. */
  as(layout: Layout): Value {
    const known = this.#views.get(layout);
    if (known) return known;
    const value = this.#convert(layout);
    this.#views.set(layout, value);
    return value;
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
        ? g.op('NchwcReorderInput', [this.as('nchw')])
        : g.op('NchwcReorderInput', [this.as('nhwc')], { channels_last: 1 });
    }
    if (blocked) {
      return g.op('NchwcReorderOutput', [blocked], {
        channels,
        channels_last: layout === 'nhwc' ? 1 : 0,
      });
    }
    const from = this.as(this.layout);
    // With one channel or one pixel both orders are the same bytes.
    if (channels === 1 || rows * columns === 1) {
      const shape = layout === 'nhwc' ? [rows, columns, channels] : [channels, rows, columns];
      return g.reshape(from, [this.#batch, ...shape]);
    }
    return g.transpose(from, layout === 'nhwc' ? [0, 2, 3, 1] : [0, 3, 1, 2]);
  }
}
