/** What each class of layer in TensorFlow.js becomes in a NetworkSpec. */
import type * as tf from '@tensorflow/tfjs';
import { UnsupportedModelError } from '../errors.ts';
import type { Activation } from './activations.ts';
import { featureShape, parse, SCHEMAS } from './layer-options.ts';
import type {
  ActivationSpec,
  FeatureShape,
  LayerSpec,
  MergeOperation,
  WeightSpec,
} from './network.ts';

/** A layer of the model, with the shapes around it. */
interface Place {
  readonly layer: tf.layers.Layer;
  readonly name: string;
  readonly input: FeatureShape;
  readonly output: FeatureShape;
}

/** Collects the layers of a model, each behind those whose values it takes. */
export class ModelReader {
  readonly layers: LayerSpec[] = [];
  readonly weights: WeightSpec[];
  readonly parameters: number;
  /** Set once a softmax was seen: nothing may follow it. */
  softmax = false;
  readonly #input: FeatureShape;
  readonly #weightsOf: ReadonlyMap<tf.layers.Layer, readonly WeightSpec[]>;
  readonly #read = new Set<tf.layers.Layer>();
  /** What the next layer takes (`sources` in network.ts). */
  #sources: readonly number[] = [0];

  constructor(input: FeatureShape, layers: readonly tf.layers.Layer[]) {
    this.#input = input;
    this.#weightsOf = weightsByLayer(layers);
    this.weights = [...this.#weightsOf.values()].flat();
    this.parameters = this.weights.reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * @param sources the values that the layer takes
   * @param output its shape in TensorFlow.js
   * @returns the value that it gives
   */
  read(layer: tf.layers.Layer, sources: readonly number[], output: unknown): number {
    const { name } = layer;
    if (this.softmax)
      throw new UnsupportedModelError(`Layer "${name}" follows a softmax, which must be the last.`);
    const kind = layer.getClassName();
    const reader = Object.hasOwn(READERS, kind) ? READERS[kind] : undefined;
    if (!reader) {
      throw new UnsupportedModelError(
        `Layer "${name}" is a ${kind}, which cannot be trained here; known are ${Object.keys(READERS).join(', ')}.`,
      );
    }
    if (this.#read.has(layer) && layer.weights.length > 0) {
      throw new UnsupportedModelError(
        `Layer "${name}" is used twice; weights that two places share cannot be trained here.`,
      );
    }
    this.#read.add(layer);
    this.#sources = sources;
    const [input = this.#input] = this.inputs();
    reader(this, { layer, name, input, output: featureShape(output, name) });
    return this.#sources[0] ?? 0;
  }

  /** The shapes of all values that the layer takes. */
  inputs(): FeatureShape[] {
    return this.#sources.map((value) => this.layers[value - 1]?.output ?? this.#input);
  }

  add(layer: LayerSpec): void {
    const last = this.layers.length;
    const isNext = this.#sources.length === 1 && this.#sources[0] === last;
    this.layers.push(isNext ? layer : { ...layer, sources: this.#sources });
    this.#sources = [last + 1];
  }

  /** Whether a sigmoid gives the model's output, @param value; it is taken out where it belongs to the loss. */
  closingSigmoid(value: number, takeOut: boolean): 'sigmoid' | undefined {
    const layer = this.layers[value - 1];
    if (layer?.kind !== 'activation' || layer.activation !== 'sigmoid') return undefined;
    if (!takeOut || value !== this.layers.length) return undefined;
    this.layers.pop();
    return 'sigmoid';
  }

  /** What an activation inside a layer, or a layer of its own, adds. */
  activation(
    { name, output }: Place,
    activation: Activation,
    options: Pick<ActivationSpec, 'alpha'> = {},
  ): void {
    if (activation === 'linear') return;
    if (activation === 'softmax') {
      if (output.rows > 1 || output.columns > 1) {
        throw new UnsupportedModelError(
          `The softmax of "${name}" is over pixels; put a Flatten layer before it.`,
        );
      }
      this.softmax = true;
      return;
    }
    const named = { name: `${name}/${activation}`, input: output, output };
    this.add({ kind: 'activation', ...named, activation, ...options });
  }

  /** The layer's weights, in Keras' order. Those of a frozen layer are not trained. */
  weightsOf({ layer }: Place): WeightSpec[] {
    return [...(this.#weightsOf.get(layer) ?? [])];
  }

  kernelAndBias(place: Place): { kernel: WeightSpec; bias: WeightSpec | undefined } {
    const [kernel, bias] = this.weightsOf(place);
    return { kernel: built(kernel, place, 'kernel'), bias };
  }
}

/** Gives the weights of all layers their places in the flat vector. */
function weightsByLayer(
  layers: readonly tf.layers.Layer[],
): ReadonlyMap<tf.layers.Layer, readonly WeightSpec[]> {
  let offset = 0;
  const specOf = (layer: tf.layers.Layer, weight: tf.LayerVariable): WeightSpec => {
    const shape = weight.shape.map((dim) => dim ?? 0);
    const size = shape.reduce((product, dim) => product * dim, 1);
    offset += size;
    const trained = layer.trainable && weight.trainable;
    return {
      ...{ name: weight.originalName, shape, offset: offset - size, size },
      ...(trained ? {} : { trainable: false as const }),
    };
  };
  return new Map(
    layers.map((layer) => [layer, layer.weights.map((weight) => specOf(layer, weight))] as const),
  );
}

function built<T>(weight: T | undefined, { name }: Place, what: string): T {
  if (weight !== undefined) return weight;
  throw new UnsupportedModelError(`Layer "${name}" has no ${what}; build the model first.`);
}

/** @throws UnsupportedModelError where the axis is not the last of the layer's values. */
function checkLastAxis({ layer, name }: Place, axis: number | readonly number[]): void {
  const rank = layer.outputShape.length;
  const [only, ...more] = typeof axis === 'number' ? [axis] : axis;
  if (more.length === 0 && (only === -1 || only === rank - 1) && rank !== 3) return;
  throw new UnsupportedModelError(
    `${layer.getClassName()} "${name}" works over axis ${String(axis)}; here it must be the last one, -1.`,
  );
}

type Reader = (reader: ModelReader, place: Place) => void;

/** A pooling over the whole image, and the flat layer that Keras makes of it. */
const globalPooling =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Reader =>
  (reader, place) => {
    const { name, input, output } = place;
    parse(SCHEMAS.globalPooling, place.layer.getConfig(), name);
    const poolSize = [input.rows, input.columns] as const;
    reader.add({ kind, name, input, output, poolSize, strides: poolSize, padding: 'valid' });
  };

const pooling =
  (kind: 'maxPooling2d' | 'averagePooling2d'): Reader =>
  (reader, { layer, name, input, output }) => {
    const {
      poolSize,
      strides,
      padding: kindOfPadding,
    } = parse(SCHEMAS.pooling, layer.getConfig(), name);
    reader.add({ kind, name, input, output, poolSize, strides, padding: kindOfPadding });
  };

/** A layer that makes one value of several of the same rows and columns. */
const merge =
  (operation: MergeOperation): Reader =>
  (reader, place) => {
    const { layer, ...base } = place;
    if (operation === 'concatenate')
      checkLastAxis(place, parse(SCHEMAS.concatenate, layer.getConfig(), base.name).axis);
    const shapes = reader.inputs();
    const differ = shapes.some(
      ({ rows, columns, channels }) =>
        rows !== base.input.rows ||
        columns !== base.input.columns ||
        (operation !== 'concatenate' && channels !== base.input.channels),
    );
    if (differ) {
      const list = shapes.map((shape) => `${shape.rows} x ${shape.columns} x ${shape.channels}`);
      throw new UnsupportedModelError(
        `Layer "${base.name}" takes values of the shapes ${list.join(', ')}, which must be equal${operation === 'concatenate' ? ' but for the channels' : ''}.`,
      );
    }
    reader.add({ kind: 'merge', ...base, operation });
  };

/** What each class of layer in TensorFlow.js becomes. */
const READERS: Readonly<Record<string, Reader>> = {
  InputLayer: () => undefined,
  Conv2D: (reader, place) => {
    const { layer, ...base } = place;
    const { activation: act, ...config } = parse(SCHEMAS.conv2d, layer.getConfig(), place.name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    reader.add({
      ...{ kind: 'conv2d', ...base, kernelSize, strides, dilationRate, padding: kind },
      ...reader.kernelAndBias(place),
    });
    reader.activation(place, act);
  },
  DepthwiseConv2D: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.depthwiseConv2d, layer.getConfig(), place.name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    reader.add({
      ...{ kind: 'depthwiseConv2d', ...base, kernelSize, strides, dilationRate, padding: kind },
      ...reader.kernelAndBias(place),
    });
    reader.activation(place, config.activation);
  },
  // A depthwise convolution, and one over single pixels.
  SeparableConv2D: (reader, place) => {
    const { layer, name, input, output } = place;
    const config = parse(SCHEMAS.separableConv2d, layer.getConfig(), name);
    const { kernelSize, strides, dilationRate, padding: kind } = config;
    const [depthwise, pointwise, bias] = reader.weightsOf(place);
    const kernel = built(depthwise, place, 'depthwise kernel');
    const between = { ...output, channels: input.channels * (kernel.shape[3] ?? 1) };
    reader.add({
      ...{ kind: 'depthwiseConv2d', name, input, output: between, kernel, bias: undefined },
      ...{ kernelSize, strides, dilationRate, padding: kind },
    });
    reader.add({
      ...{ kind: 'conv2d', name: `${name}/pointwise`, input: between, output, bias },
      ...{ kernelSize: [1, 1], strides: [1, 1], dilationRate: [1, 1], padding: 'valid' },
      kernel: built(pointwise, place, 'pointwise kernel'),
    });
    reader.activation(place, config.activation);
  },
  Add: merge('add'),
  Multiply: merge('multiply'),
  Average: merge('average'),
  Concatenate: merge('concatenate'),
  MaxPooling2D: pooling('maxPooling2d'),
  AveragePooling2D: pooling('averagePooling2d'),
  GlobalMaxPooling2D: globalPooling('maxPooling2d'),
  GlobalAveragePooling2D: globalPooling('averagePooling2d'),
  ZeroPadding2D: (reader, { layer, ...base }) => {
    const { padding: pads } = parse(SCHEMAS.zeroPadding2d, layer.getConfig(), base.name);
    reader.add({ kind: 'zeroPadding2d', ...base, pads });
  },
  UpSampling2D: (reader, { layer, ...base }) => {
    const { size: times } = parse(SCHEMAS.upSampling2d, layer.getConfig(), base.name);
    reader.add({ kind: 'upSampling2d', ...base, size: times });
  },
  Rescaling: (reader, { layer, ...base }) => {
    const { scale, offset } = parse(SCHEMAS.rescaling, layer.getConfig(), base.name);
    reader.add({ kind: 'rescaling', ...base, scale, offset });
  },
  Dropout: (reader, { layer, ...base }) => {
    const { rate } = parse(SCHEMAS.dropout, layer.getConfig(), base.name);
    if (rate > 0) reader.add({ kind: 'dropout', ...base, rate });
  },
  Flatten: (reader, { name, input, output }) => {
    reader.add({ kind: 'flatten', name, input, output });
  },
  Reshape: (reader, { name, input, output }) => {
    reader.add({ kind: 'reshape', name, input, output });
  },
  Dense: (reader, place) => {
    const { layer, ...base } = place;
    if (base.input.rows !== 1 || base.input.columns !== 1) {
      throw new UnsupportedModelError(
        `Dense layer "${base.name}" needs flat input; put a Flatten layer before it.`,
      );
    }
    const { activation: act } = parse(SCHEMAS.dense, layer.getConfig(), base.name);
    reader.add({ kind: 'dense', ...base, ...reader.kernelAndBias(place) });
    reader.activation(place, act);
  },
  Activation: (reader, place) => {
    const { activation: act } = parse(SCHEMAS.activation, place.layer.getConfig(), place.name);
    reader.activation(place, act);
  },
  ReLU: (reader, place) => {
    const { maxValue } = parse(SCHEMAS.relu, place.layer.getConfig(), place.name);
    reader.activation(place, maxValue === 6 ? 'relu6' : 'relu');
  },
  // Its alpha is 1 in TensorFlow.js.
  ELU: (reader, place) => {
    reader.activation(place, 'elu');
  },
  LeakyReLU: (reader, place) => {
    const { alpha } = parse(SCHEMAS.leakyRelu, place.layer.getConfig(), place.name);
    reader.activation(place, 'leakyRelu', { alpha });
  },
  ThresholdedReLU: (reader, place) => {
    const { theta } = parse(SCHEMAS.thresholdedRelu, place.layer.getConfig(), place.name);
    reader.activation(place, 'thresholdedRelu', { alpha: theta });
  },
  Softmax: (reader, place) => {
    checkLastAxis(place, parse(SCHEMAS.softmax, place.layer.getConfig(), place.name).axis);
    reader.activation(place, 'softmax');
  },
  BatchNormalization: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.batchNormalization, layer.getConfig(), base.name);
    checkLastAxis(place, config.axis);
    const weights = reader.weightsOf(place);
    const gamma = config.scale ? weights.shift() : undefined;
    const beta = config.center ? weights.shift() : undefined;
    const [mean, variance] = weights;
    const { momentum, epsilon } = config;
    reader.add({
      ...{ kind: 'batchNormalization', ...base, momentum, epsilon, gamma, beta },
      movingMean: built(mean, place, 'moving statistics'),
      movingVariance: built(variance, place, 'moving statistics'),
      ...(layer.trainable ? {} : { frozen: true as const }),
    });
  },
  LayerNormalization: (reader, place) => {
    const { layer, ...base } = place;
    const config = parse(SCHEMAS.layerNormalization, layer.getConfig(), base.name);
    checkLastAxis(place, config.axis);
    const weights = reader.weightsOf(place);
    const gamma = config.scale ? weights.shift() : undefined;
    const beta = config.center ? weights.shift() : undefined;
    reader.add({ kind: 'layerNormalization', ...base, epsilon: config.epsilon, gamma, beta });
  },
};
