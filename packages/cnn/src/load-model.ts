/** A model from TensorFlow.js' own files, every part of it checked before it is believed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setWeightsOf, type NetworkSpec } from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';
import { fileError, ModelFileError, systemCode } from './errors.ts';
import { MODEL_JSON, parseModelJson, type ModelJson, type WeightEntry } from './model-json.ts';
import { quietTensorflow } from './quiet-tensorflow.ts';
import { checkWeights, supportedNetworkOf } from './storable-model.ts';

/**
 * Loads a model that `saveModel` or TensorFlow.js itself has saved (format "layers-model", also in several weight
 * files). It is not compiled: training and evaluating it here needs no `compile()`.
 *
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'.
 */
export async function loadModel(folder: string): Promise<tf.Sequential> {
  quietTensorflow();
  const path = join(folder, MODEL_JSON);
  const json = parseModelJson((await readModelFile(path)).toString('utf8'), path);
  const parts: Buffer[] = [];
  for (const file of json.files) parts.push(await readModelFile(join(folder, file)));
  const values = weightValues(Buffer.concat(parts), json, folder);
  const model = await buildModel(json, path);
  try {
    const network = supportedNetworkOf(model, `The model in ${folder}`);
    const flat = inOrder(network, json.weights, values, path);
    checkWeights(network, flat, `The model in ${folder}`);
    setWeightsOf(model, flat);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

async function readModelFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(error, 'read', path);
    throw new ModelFileError(
      'not-found',
      `${path} does not exist; a saved model is a folder with ${MODEL_JSON} and its weights.`,
      { cause: error },
    );
  }
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function weightValues(bytes: Buffer, { weights, files }: ModelJson, folder: string): Float32Array {
  const expected = 4 * weights.reduce((sum, { shape }) => sum + elements(shape), 0);
  if (bytes.length !== expected) {
    throw new ModelFileError(
      'corrupt',
      `${files.join(', ') || 'The weights'} in ${folder} should have ${expected} bytes, not ${bytes.length}; the file was cut off or belongs to another model.`,
    );
  }
  // A copy that begins where float32 may begin; little-endian, as TensorFlow.js and every machine it runs on have it.
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** The layers with weights that mean nothing yet. */
async function buildModel(json: ModelJson, path: string): Promise<tf.Sequential> {
  let model: tf.LayersModel;
  try {
    model = await tf.loadLayersModel({
      load: () => Promise.resolve({ modelTopology: json.topology }),
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ModelFileError(
      'corrupt',
      `TensorFlow.js cannot build the layers in ${path}: ${why}`,
      {
        cause: error,
      },
    );
  }
  if (json.userDefinedMetadata) model.setUserDefinedMetadata(json.userDefinedMetadata);
  if (model instanceof tf.Sequential) return model;
  model.dispose();
  throw new ModelFileError('unsupported', `${path} does not describe a Sequential model.`);
}

/** The model's weights in the order of `network.weights`, found by name. */
function inOrder(
  network: NetworkSpec,
  entries: readonly WeightEntry[],
  values: Float32Array,
  path: string,
): Float32Array {
  const specs = new Map(network.weights.map((spec) => [spec.name, spec]));
  const flat = new Float32Array(network.parameters);
  let at = 0;
  for (const { name, shape, ofOptimizer } of entries) {
    const size = elements(shape);
    const start = at;
    at += size;
    if (ofOptimizer) continue;
    const spec = specs.get(name);
    if (!spec) {
      throw new ModelFileError(
        'corrupt',
        `${path} lists the weight "${name}", which none of its layers has, or lists it twice.`,
      );
    }
    if (spec.shape.join() !== shape.join()) {
      throw new ModelFileError(
        'corrupt',
        `The weight "${name}" in ${path} has the shape [${shape.join(', ')}], but its layer needs [${spec.shape.join(', ')}].`,
      );
    }
    specs.delete(name);
    flat.set(values.subarray(start, at), spec.offset);
  }
  const [missing] = specs.keys();
  if (missing !== undefined) {
    throw new ModelFileError('corrupt', `${path} lists no weight "${missing}".`);
  }
  return flat;
}
