/**
 * What a layer needs to become nodes of ONNX. TensorFlow keeps channels last, ONNX' Conv and pooling want them first: a value
 * remembers its layout and is turned where a layer needs the other one. onnxruntime removes the pairs that meet.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { ActivationName } from '../layers/serialized.ts';
import type { Shape, WeightShape } from '../layers/shapes.ts';
import { ACTIVATIONS } from './activations.ts';

type Layout = 'first' | 'last';

/** A value and where its channels are. Of rank 2 both are the same. */
export interface Feature {
  readonly value: Value;
  readonly layout: Layout;
}

/** A layer of the topology with its values, and what it takes. */
interface Place {
  readonly name: string;
  /** Of one image: the first that it takes. */
  readonly input: Shape;
  readonly output: Shape;
  readonly weights: readonly WeightShape[];
  readonly values: readonly Float32Array[];
  readonly features: readonly Feature[];
}

export class Lowering {
  readonly g: GraphBuilder;
  readonly input: Shape;
  readonly output: Shape;
  readonly #place: Place;

  constructor(g: GraphBuilder, place: Place) {
    this.g = g;
    this.input = place.input;
    this.output = place.output;
    this.#place = place;
  }

  /** What the layer takes, in the layout that it is in. */
  get feature(): Feature {
    const [feature] = this.#place.features;
    if (!feature) throw new Error(`The layer "${this.#place.name}" takes nothing.`);
    return feature;
  }

  /** The layer's value with channels first: [n, channels, rows, columns]. */
  first(): Value {
    return turned(this.g, this.feature, 'first');
  }

  /** The layer's value with channels last: [n, rows, columns, channels] or [n, units]. */
  last(): Value {
    return turned(this.g, this.feature, 'last');
  }

  /** All values that the layer takes, in the layout of the first. */
  all(): { values: readonly Value[]; layout: Layout } {
    const { layout } = this.feature;
    return { values: this.#place.features.map((f) => turned(this.g, f, layout)), layout };
  }

  /** What is made of a layer's value number by number, whatever its layout. */
  each(apply: (x: Value) => Value): Feature {
    const { value, layout } = this.feature;
    return { value: apply(value), layout };
  }

  activated(name: ActivationName, { value, layout }: Feature): Feature {
    if (name === 'linear') return { value, layout };
    if (name !== 'softmax') return { value: ACTIVATIONS[name](this.g, value), layout };
    const last = turned(this.g, { value, layout }, 'last');
    return { value: this.g.op('Softmax', [last], { axis: -1 }), layout: 'last' };
  }

  /** A weight as it is stored; undefined where the layer has none of this name. */
  data(weight: string): Float32Array | undefined {
    const { weights, values } = this.#place;
    return values[weights.findIndex(({ name }) => name === weight)];
  }

  /** A weight of the layer as a constant of its shape. */
  weight(name: string): Value {
    const shape = this.#place.weights.find((weight) => weight.name === name)?.shape ?? [];
    return this.constant(name, shape, this.data(name) ?? new Float32Array());
  }

  constant(name: string, shape: Shape, data: Float32Array): Value {
    return this.g.constant('float32', shape, data, `${this.#place.name}/${name}`);
  }

  /** Number for number with a vector over the channels. */
  overChannels(
    operator: 'Add' | 'Mul',
    { value, layout }: Feature,
    name: string,
    data: ArrayLike<number>,
  ): Feature {
    const tail = layout === 'first' && value.shape.length === 4 ? [1, 1] : [];
    const vector = this.constant(name, [data.length, ...tail], Float32Array.from(data));
    return { value: this.g.op(operator, [value, vector]), layout };
  }
}

/** The value in a layout. */
export function turned(g: GraphBuilder, { value, layout: from }: Feature, to: Layout): Value {
  if (from === to || value.shape.length !== 4) return value;
  return g.transpose(value, to === 'first' ? [0, 3, 1, 2] : [0, 2, 3, 1]);
}
