/** A model to one .keras archive, the format of Keras 3. */
import type * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPath } from '../checks.ts';
import { writeWhole } from '../files.ts';
import { partsOf } from '../layers/model.ts';
import { weightPaths, writeArchive } from './archive.ts';
import { writeHdf5Weights } from './hdf5-thread.ts';
import { kerasConfig } from './keras-config.ts';
import type { SaveKerasOptions } from './save-keras-h5.ts';
import { optimizerConfigOf, type TrainingSettings } from './training-settings.ts';

/** Whose reading of such an archive was checked. */
const KERAS_VERSION = '3.15.1';
const MODULES = { Sequential: 'keras', Functional: 'keras.src.models.functional' };

/**
 * Saves architecture, weights and settings of the training (no moments of the optimizer) as `load_model` of Keras 3 takes them. A file
 * that is already there is replaced; the file appears whole or not at all.
 *
 * @param path of the file; Keras insists on a name that ends in .keras.
 * @throws ModelFileError 'unsupported' for layers that cannot be written, 'corrupt' for weights that are not finite,
 * 'exists-not-model', 'permission', 'disk'.
 */
export async function saveKeras(
  model: tf.LayersModel,
  path: string,
  options: SaveKerasOptions = {},
): Promise<void> {
  checkPath(path);
  checkOptions('keras', options);
  const { topology, values } = partsOf(model);
  const paths = weightPaths(topology);
  const layers = topology.layers.map(({ weights }, i) => ({
    name: paths[i] ?? '',
    weights: weights.map(({ shape }, j) => ({
      ...{ name: String(j), shape, data: new Float32Array(values[i]?.[j] ?? []) },
    })),
  }));
  const className = topology.sequential ? 'Sequential' : 'Functional';
  const config = {
    ...{ module: MODULES[className], ...kerasConfig(topology), registered_name: className },
    compile_config: options.training ? compileConfigOf(options.training) : {},
  };
  const weights = await writeHdf5Weights(layers);
  await writeWhole(path, writeArchive({ config, kerasVersion: KERAS_VERSION, weights }));
}

function compileConfigOf({ loss, optimizer, metrics }: TrainingSettings): object {
  const serialized = { module: 'keras.optimizers', registered_name: null };
  return { optimizer: { ...serialized, ...optimizerConfigOf(optimizer) }, loss, metrics };
}
