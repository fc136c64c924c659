/** Between a `tf.Sequential` and its topology with values; every reader and writer of this package goes through here. */
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { quietTensorflow } from '../quiet-tensorflow.ts';
import { parseTopology, type Topology } from './topology.ts';

/** For each layer of the topology its weights, row-major, in the order of `Layer.weights`. */
export type LayerValues = readonly (readonly Float32Array[])[];

export interface ModelParts {
  readonly topology: Topology;
  readonly values: LayerValues;
}

/**
 * What a model in memory consists of.
 * @throws ModelFileError 'unsupported' for layers or settings that no file here could hold, 'corrupt' for weights that
 * are not finite.
 */
export function partsOf(model: tf.LayersModel): ModelParts {
  checkModel(model);
  const topology = parseTopology(model.toJSON(null, false), 'The model', 'that can be stored');
  const layers = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
  const values = layers.map((layer) =>
    layer.getWeights().map((tensor) => tensor.dataSync<'float32'>()),
  );
  checkFinite({ topology, values }, 'The model');
  return { topology, values };
}

/** @throws ModelFileError 'corrupt' for a weight that is NaN or infinite. */
export function checkFinite({ topology, values }: ModelParts, source: string): void {
  topology.layers.forEach(({ json, weights }, i) => {
    weights.forEach(({ name }, j) => {
      const wrong = values[i]?.[j]?.find((value) => !Number.isFinite(value));
      if (wrong === undefined) return;
      throw new ModelFileError(
        'corrupt',
        `${source} has ${wrong} in its weight "${json.config.name}/${name}"; train it anew with a lower learning rate.`,
      );
    });
  });
}

/**
 * A model with these weights, which must have the topology's shapes. It is not compiled.
 * @throws ModelFileError 'corrupt' where TensorFlow.js refuses to build it.
 */
export async function buildModel(
  { topology, values }: ModelParts,
  source: string,
): Promise<tf.Sequential> {
  quietTensorflow();
  let model: tf.LayersModel | undefined;
  try {
    model = await tf.loadLayersModel({
      load: () => Promise.resolve({ modelTopology: jsonOf(topology) }),
    });
    if (!(model instanceof tf.Sequential)) throw new Error('it is no Sequential');
    fill(model, { topology, values });
    return model;
  } catch (error) {
    model?.dispose();
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(
      'corrupt',
      `TensorFlow.js cannot build the model in ${source}: ${why.replace(/[.!?\s]+$/, '')}.`,
      {
        cause: error,
      },
    );
  }
}

/** The topology as TensorFlow.js reads it, which is Keras 2's dialect: the first layer has the input's shape. */
function jsonOf({ name, input, layers }: Topology): Record<string, unknown> {
  const entries = layers.map(({ json }, i) => ({
    class_name: json.class_name,
    config: { ...json.config, ...(i === 0 && { batch_input_shape: [null, ...input] }) },
  }));
  return { class_name: 'Sequential', config: { name, layers: entries } };
}

/** Not by `setWeights`, which would put weights through the layer's constraints once more. */
function fill(model: tf.LayersModel, { topology, values }: ModelParts): void {
  model.layers.forEach((layer, i) => {
    const shapes = topology.layers[i]?.weights ?? [];
    layer.weights.forEach((weight, j) => {
      const variable = weight.read();
      const shape = shapes[j]?.shape ?? [];
      if (!(variable instanceof tf.Variable)) throw new Error('a weight is no variable');
      const tensor = tf.tensor(values[i]?.[j] ?? [], [...shape], 'float32');
      variable.assign(tensor);
      tensor.dispose();
    });
  });
}
