/** Between a model in memory and its topology with values; every reader and writer of this package goes through here. */
import * as tf from '@tensorflow/tfjs';
import { checkModel } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { quietTensorflow } from '../quiet-tensorflow.ts';
import { modelConfig } from './model-config.ts';
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
  const values = topology.layers.map(({ config, weights }) =>
    model
      .getLayer(config.name)
      .getWeights()
      .map((tensor, i) => {
        const { name, shape } = weights[i] ?? { name: 'weight', shape: [] };
        if (tensor.shape.join() !== shape.join()) {
          // TensorFlow.js does not write all settings of a layer.
          throw new ModelFileError(
            'unsupported',
            `The layer "${config.name}" has a ${name} of the shape [${tensor.shape.join(', ')}], but [${shape.join(', ')}] by the settings that are stored.`,
          );
        }
        return tensor.dataSync<'float32'>();
      }),
  );
  checkFinite({ topology, values }, 'The model');
  return { topology, values };
}

/** @throws ModelFileError 'corrupt' for a weight that is NaN or infinite. */
export function checkFinite({ topology, values }: ModelParts, source: string): void {
  topology.layers.forEach(({ config, weights }, i) => {
    weights.forEach(({ name }, j) => {
      const wrong = values[i]?.[j]?.find((value) => !Number.isFinite(value));
      if (wrong === undefined) return;
      throw new ModelFileError(
        'corrupt',
        `${source} has ${wrong} in its weight "${config.name}/${name}"; train it anew with a lower learning rate.`,
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
): Promise<tf.LayersModel> {
  quietTensorflow();
  const settings = ({ config }: Topology['layers'][number]): object => config;
  const modelTopology = modelConfig(topology, {
    ...{ functional: 'Model', inputLayer: false, settings },
  });
  let model: tf.LayersModel | undefined;
  try {
    model = await tf.loadLayersModel({
      load: () => Promise.resolve({ modelTopology }),
    });
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

/** By name: TensorFlow.js orders layers by itself. Not by `setWeights`, which would put weights through constraints once more. */
function fill(model: tf.LayersModel, { topology, values }: ModelParts): void {
  topology.layers.forEach(({ config, weights: shapes }, i) => {
    model.getLayer(config.name).weights.forEach((weight, j) => {
      const variable = weight.read();
      const shape = shapes[j]?.shape ?? [];
      if (!(variable instanceof tf.Variable)) throw new Error('a weight is no variable');
      const tensor = tf.tensor(values[i]?.[j] ?? [], [...shape], 'float32');
      variable.assign(tensor);
      tensor.dispose();
    });
  });
}
