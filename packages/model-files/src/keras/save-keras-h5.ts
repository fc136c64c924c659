/** A model to one HDF5 file that `load_model` of Keras 2 and of Keras 3 takes. */
import type * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPath } from '../checks.ts';
import { writeWhole } from '../files.ts';
import { partsOf, type ModelParts } from '../layers/model.ts';
import { writeHdf5 } from './hdf5-thread.ts';
import { kerasConfig } from './keras-config.ts';
import type { KerasFile } from './keras-file.ts';
import { trainingConfigOf, type TrainingSettings } from './training-settings.ts';

export interface SaveKerasOptions {
  /** Loss, optimizer and metrics, with which `load_model` compiles the model. Not compiled when left out. */
  readonly training?: TrainingSettings | undefined;
}

/** The dialect's version: the last Keras 2. */
const KERAS_VERSION = '2.15.0';

/**
 * Saves architecture, weights and settings of the training (no moments of the optimizer) in the dialect of tf.keras 2
 * with an InputLayer, the one that both Keras 2 and Keras 3 read. A file that is already there is replaced; the file
 * appears whole or not at all. Two files of one model differ in a few bytes: HDF5 stores times.
 *
 * Pixels: the network sees what it was trained on. This project's networks are trained on pixels / 255.
 *
 * @param path of the file; the name usually ends in .h5, and Keras insists on that.
 * @throws ModelFileError 'unsupported' for layers that cannot be written, 'corrupt' for weights that are not finite,
 * 'exists-not-model', 'permission', 'disk'.
 */
export async function saveKerasH5(
  model: tf.LayersModel,
  path: string,
  options: SaveKerasOptions = {},
): Promise<void> {
  checkPath(path);
  checkOptions('keras', options);
  await writeWhole(path, await writeHdf5(kerasFileOf(partsOf(model), options)));
}

function kerasFileOf({ topology, values }: ModelParts, { training }: SaveKerasOptions): KerasFile {
  return {
    modelConfig: JSON.stringify(kerasConfig(topology)),
    trainingConfig: training && trainingConfigOf(training),
    kerasVersion: KERAS_VERSION,
    layers: topology.layers.map(({ config, weights }, i) => ({
      name: config.name,
      weights: weights.map(({ name, shape }, j) => ({
        name: `${config.name}/${name}:0`,
        shape,
        data: new Float32Array(values[i]?.[j] ?? []),
      })),
    })),
  };
}
