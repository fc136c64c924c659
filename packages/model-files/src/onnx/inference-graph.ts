/**
 * A Sequential as a graph of standard ONNX operators, for inference: dropout is gone, batch normalization is one
 * multiplication and one addition with its moving statistics, weights are constants.
 *
 * TensorFlow keeps channels last, ONNX' Conv and MaxPool want them first: a value remembers its layout and is turned
 * where a layer needs the other one. onnxruntime removes the pairs that meet.
 */
import { GraphBuilder, type OnnxModel, type Value } from '@fashion-bench/onnx';
import type { ModelParts } from '../layers/model.ts';
import type { LayerJson } from '../layers/layer-schema.ts';
import { elements, samePadding } from '../layers/shapes.ts';
import type { ActivationName } from '../layers/serialized.ts';
import { endsInLogits, type Layer } from '../layers/topology.ts';

export interface GraphNames {
  readonly input: string;
  readonly output: string;
  /** Name of the open number of images. */
  readonly batch: string;
  readonly metadata: Readonly<Record<string, string>>;
}

type Layout = 'first' | 'last';

/** A value and where its channels are. Of rank 2 both are the same. */
interface Feature {
  readonly value: Value;
  readonly layout: Layout;
}

/** @throws GraphError where the topology and the values do not fit each other. */
export function inferenceGraph({ topology, values }: ModelParts, names: GraphNames): OnnxModel {
  const g = new GraphBuilder(topology.name);
  const input = g.input(names.input, 'float32', [names.batch, ...topology.input]);
  let feature: Feature = { value: input, layout: 'last' };
  topology.layers.forEach((layer, i) => {
    feature = new Lowering(g, layer, values[i] ?? []).apply(feature);
  });
  const { value } = turned(g, feature, 'last');
  // The output is called probabilities.
  g.output(names.output, endsInLogits(topology) ? g.op('Softmax', [value], { axis: -1 }) : value);
  for (const [key, value] of Object.entries(names.metadata)) g.metadata(key, value);
  return g.build();
}

function turned(g: GraphBuilder, feature: Feature, layout: Layout): Feature {
  if (feature.layout === layout || feature.value.shape.length !== 4) {
    return { value: feature.value, layout };
  }
  const perm = layout === 'first' ? [0, 3, 1, 2] : [0, 2, 3, 1];
  return { value: g.transpose(feature.value, perm), layout };
}

class Lowering {
  readonly #g: GraphBuilder;
  readonly #layer: Layer;
  readonly #values: readonly Float32Array[];

  constructor(g: GraphBuilder, layer: Layer, values: readonly Float32Array[]) {
    this.#g = g;
    this.#layer = layer;
    this.#values = values;
  }

  apply(feature: Feature): Feature {
    const { json } = this.#layer;
    switch (json.class_name) {
      case 'Conv2D':
        return this.#activated(json.config.activation, this.#conv2d(json.config, feature));
      case 'MaxPooling2D':
        return this.#maxPooling2d(json.config, feature);
      case 'BatchNormalization':
        return this.#batchNormalization(json.config.epsilon, feature);
      case 'Flatten': {
        const { value } = turned(this.#g, feature, 'last');
        const flat = this.#g.reshape(value, [-1, elements(this.#layer.input)]);
        return { value: flat, layout: 'last' };
      }
      case 'Dense':
        return this.#activated(json.config.activation, this.#dense(feature));
      case 'Activation':
        return this.#activated(json.config.activation, feature);
      case 'Dropout':
        return feature;
    }
  }

  #conv2d(
    config: Extract<LayerJson, { class_name: 'Conv2D' }>['config'],
    feature: Feature,
  ): Feature {
    const { kernel_size: kernel, strides, dilation_rate: dilations } = config;
    const pads = this.#pads(config.padding, kernel, strides, dilations);
    // [height, width, in, out] -> [out, in, height, width]
    const weights = this.#g.transpose(this.#constant('kernel'), [3, 2, 0, 1]);
    const bias = config.use_bias ? this.#constant('bias') : undefined;
    const { value } = turned(this.#g, feature, 'first');
    const y = this.#g.op('Conv', [value, weights, bias], {
      ...{ kernel_shape: kernel, strides, dilations, pads },
    });
    return { value: y, layout: 'first' };
  }

  #maxPooling2d(
    config: Extract<LayerJson, { class_name: 'MaxPooling2D' }>['config'],
    feature: Feature,
  ): Feature {
    const { pool_size: kernel, padding } = config;
    const strides = config.strides ?? kernel;
    const pads = this.#pads(padding, kernel, strides, [1, 1]);
    const { value } = turned(this.#g, feature, 'first');
    const y = this.#g.op('MaxPool', [value], { kernel_shape: kernel, strides, pads });
    return { value: y, layout: 'first' };
  }

  /** ONNX' order: [top, left, bottom, right]. */
  #pads(
    padding: 'same' | 'valid',
    kernel: readonly [number, number],
    strides: readonly [number, number],
    dilations: readonly [number, number],
  ): readonly number[] {
    if (padding === 'valid') return [0, 0, 0, 0];
    const [rows = 0, columns = 0] = this.#layer.input;
    const [top, bottom] = samePadding(rows, kernel[0], strides[0], dilations[0]);
    const [left, right] = samePadding(columns, kernel[1], strides[1], dilations[1]);
    return [top, left, bottom, right];
  }

  /** gamma (x - mean) / sqrt(variance + epsilon) + beta = x * scale + shift, both computed in float64. */
  #batchNormalization(epsilon: number, feature: Feature): Feature {
    const [mean, variance] = [this.#data('moving_mean'), this.#data('moving_variance')];
    const [gamma, beta] = [this.#data('gamma'), this.#data('beta')];
    const scale = Float64Array.from(
      variance ?? [],
      (value, i) => (gamma?.[i] ?? 1) / Math.sqrt(value + epsilon),
    );
    const shift = scale.map((factor, i) => (beta?.[i] ?? 0) - (mean?.[i] ?? 0) * factor);
    const { layout } = feature;
    const tail = layout === 'first' && feature.value.shape.length === 4 ? [1, 1] : [];
    const constant = (name: string, data: Float64Array): Value =>
      this.#g.constant(
        'float32',
        [data.length, ...tail],
        Float32Array.from(data),
        this.#name(name),
      );
    const scaled = this.#g.op('Mul', [feature.value, constant('scale', scale)]);
    return { value: this.#g.op('Add', [scaled, constant('shift', shift)]), layout };
  }

  /** Over the last axis, whatever lies before it. */
  #dense(feature: Feature): Feature {
    const { value } = turned(this.#g, feature, 'last');
    const product = this.#g.op('MatMul', [value, this.#constant('kernel')]);
    const biased = this.#data('bias') && this.#g.op('Add', [product, this.#constant('bias')]);
    return { value: biased ?? product, layout: 'last' };
  }

  #activated(name: ActivationName, feature: Feature): Feature {
    const apply = (operator: 'Relu' | 'Sigmoid' | 'Tanh'): Feature => ({
      value: this.#g.op(operator, [feature.value]),
      layout: feature.layout,
    });
    switch (name) {
      case 'linear':
        return feature;
      case 'relu':
        return apply('Relu');
      case 'sigmoid':
        return apply('Sigmoid');
      case 'tanh':
        return apply('Tanh');
      case 'softmax': {
        const { value } = turned(this.#g, feature, 'last');
        return { value: this.#g.op('Softmax', [value], { axis: -1 }), layout: 'last' };
      }
    }
  }

  #name(weight: string): string {
    return `${this.#layer.json.config.name}/${weight}`;
  }

  #data(weight: string): Float32Array | undefined {
    return this.#values[this.#layer.weights.findIndex(({ name }) => name === weight)];
  }

  #constant(weight: string): Value {
    const shape = this.#layer.weights.find(({ name }) => name === weight)?.shape ?? [];
    const data = this.#data(weight) ?? new Float32Array();
    return this.#g.constant('float32', shape, data, this.#name(weight));
  }
}
