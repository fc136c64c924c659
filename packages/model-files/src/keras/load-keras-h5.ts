/** A model from an HDF5 file of Keras 2, of Keras 3 or of `saveKerasH5`, every part of it checked before it is believed. */
import type * as tf from '@tensorflow/tfjs';
import { checkPath } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { buildModel, checkFinite, type LayerValues, type ModelParts } from '../layers/model.ts';
import { parseJson } from '../layers/json.ts';
import { MAX_WEIGHT_BYTES } from '../layers/limits.ts';
import { parseTopology, type Topology } from '../layers/topology.ts';
import { readHdf5, type Hdf5Reader } from './hdf5-thread.ts';
import { isHdf5, type KerasFile, type ReadLimits, type StoredLayer } from './keras-file.ts';
import { parseTrainingConfig, type LoadedTraining } from './training-settings.ts';

export interface KerasModel {
  /** Not compiled; `dispose()` it when it is no longer needed. */
  readonly model: tf.LayersModel;
  /** undefined where the file's model was not compiled. */
  readonly training: LoadedTraining | undefined;
  /** Of the Keras that wrote the file, as it says: '2.9.0', '3.15.1'. */
  readonly kerasVersion: string | undefined;
}

export const READ_LIMITS: ReadLimits = { weightBytes: MAX_WEIGHT_BYTES, milliseconds: 20_000 };

/**
 * Loads what `model.save('x.h5')` of Keras 2 or 3 has written, if it is a Sequential or functional model of
 * the known layers (README) in float32, channels last. As in Keras, weights
 * belong to layers by their order, not by name.
 *
 * @param read how; by default in a thread of its own.
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'; a damaged file never ends the
 * process, and takes 20 seconds and 1 GiB at most.
 */
export async function loadKerasH5(path: string, read: Hdf5Reader = readHdf5): Promise<KerasModel> {
  checkPath(path);
  const bytes = await readWhole(path, 'give the path of an .h5 file of Keras');
  checkMagic(bytes, path);
  const file = await read(bytes, READ_LIMITS, path);
  const { parts, training } = checkedParts(file, path);
  return { model: await buildModel(parts, path), training, kerasVersion: file.kerasVersion };
}

/** @throws ModelFileError 'corrupt' for what is no HDF5 file. */
function checkMagic(bytes: Uint8Array, path: string): void {
  if (isHdf5(bytes)) return;
  throw new ModelFileError(
    'corrupt',
    `${path} is no HDF5 file (its first bytes are others); save the model again with model.save('x.h5').`,
  );
}

interface CheckedFile {
  readonly parts: ModelParts;
  readonly training: LoadedTraining | undefined;
}

/** Everything but the building. @throws ModelFileError 'corrupt' or 'unsupported'. */
function checkedParts(file: KerasFile, path: string): CheckedFile {
  const topology = parseTopology(
    jsonOf(file.modelConfig, 'an attribute "model_config"', path),
    path,
    'of Keras',
  );
  const parts = { topology, values: valuesFor(topology, file.layers, path) };
  checkFinite(parts, path);
  const { trainingConfig } = file;
  return {
    parts,
    training:
      trainingConfig === undefined
        ? undefined
        : parseTrainingConfig(jsonOf(trainingConfig, 'an attribute "training_config"', path), path),
  };
}

/** @param what has the text, as in "an attribute". @throws ModelFileError 'corrupt' */
export function jsonOf(text: string, what: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'is no JSON';
    throw new ModelFileError('corrupt', `${path} has ${what} that ${why}.`, {
      cause: error,
    });
  }
}

/** Keras' own rule (load_weights_from_hdf5_group): layers that have weights, in their order on both sides. */
export function valuesFor(
  topology: Topology,
  layers: readonly StoredLayer[],
  path: string,
): LayerValues {
  const stored = layers.filter(({ weights }) => weights.length > 0);
  const wanted = topology.layers.filter(({ weights }) => weights.length > 0);
  if (stored.length !== wanted.length) {
    throw new ModelFileError(
      'corrupt',
      `${path} has weights for ${stored.length} layers, but its model has ${wanted.length} layers with weights.`,
    );
  }
  const values = new Map(
    wanted.map((layer, i) => {
      const { name } = layer.config;
      const given = stored[i]?.weights ?? [];
      if (given.length !== layer.weights.length) {
        throw new ModelFileError(
          'corrupt',
          `${path} has ${given.length} weights for the layer "${name}", which needs ${layer.weights.length}.`,
        );
      }
      layer.weights.forEach(({ name: weight, shape }, j) => {
        const found = given[j]?.shape ?? [];
        if (found.join() === shape.join()) return;
        throw new ModelFileError(
          'corrupt',
          `The weight "${name}/${weight}" in ${path} has the shape [${found.join(', ')}], but its layer needs [${shape.join(', ')}].`,
        );
      });
      return [layer, given.map(({ data }) => data)];
    }),
  );
  return topology.layers.map((layer) => values.get(layer) ?? []);
}
