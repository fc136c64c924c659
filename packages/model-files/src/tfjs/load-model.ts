/** A model from TensorFlow.js' own files, every part of it checked before it is believed. */
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { checkPath } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { readWhole, sizeOf } from '../files.ts';
import { MAX_JSON_BYTES, MAX_WEIGHT_BYTES } from '../layers/limits.ts';
import { buildModel, checkFinite, type LayerValues } from '../layers/model.ts';
import { elements } from '../layers/shapes.ts';
import type { Topology } from '../layers/topology.ts';
import { MODEL_JSON, parseModelJson, type ModelJson, type WeightEntry } from './model-json.ts';

const HINT = `a saved model is a folder with ${MODEL_JSON} and its weights`;

/**
 * Loads a model that `saveModel` or TensorFlow.js itself has saved (format "layers-model", also in several weight
 * files). It is not compiled: training and evaluating it here needs no `compile()`.
 *
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'.
 */
export async function loadModel(folder: string): Promise<tf.LayersModel> {
  checkPath(folder);
  return loadModelFile(folder, MODEL_JSON);
}

/** As `loadModel`, where model.json has another name. */
export async function loadModelFile(folder: string, name: string): Promise<tf.LayersModel> {
  const path = join(folder, name);
  const json = parseModelJson((await readWhole(path, HINT, MAX_JSON_BYTES)).toString('utf8'), path);
  const values = inOrder(json.topology, json.weights, await weightValues(json, folder), path);
  checkFinite({ topology: json.topology, values }, `The model in ${folder}`);
  const model = await buildModel({ topology: json.topology, values }, folder);
  if (json.userDefinedMetadata) model.setUserDefinedMetadata(json.userDefinedMetadata);
  return model;
}

/** Lengths are looked at before anything is read: a file may be huge, or named many times. */
async function weightValues({ weights, files }: ModelJson, folder: string): Promise<Float32Array> {
  const expected = 4 * weights.reduce((sum, { shape }) => sum + elements(shape), 0);
  if (!(expected <= MAX_WEIGHT_BYTES)) {
    throw new ModelFileError(
      'unsupported',
      `The model in ${folder} lists ${expected} bytes of weights; up to ${MAX_WEIGHT_BYTES} are read here.`,
    );
  }
  let found = 0;
  for (const file of files) found += await sizeOf(join(folder, file), HINT);
  if (found !== expected) {
    throw new ModelFileError(
      'corrupt',
      `${shownNames(files) || 'The weights'} in ${folder} should have ${expected} bytes, not ${found}; the file was cut off or belongs to another model.`,
    );
  }
  // Little-endian, as TensorFlow.js and every machine it runs on have it.
  const bytes = new Uint8Array(expected);
  let at = 0;
  for (const file of files) {
    const part = await readWhole(join(folder, file), HINT, expected - at);
    bytes.set(part, at);
    at += part.length;
  }
  return new Float32Array(bytes.buffer);
}

function shownNames(files: readonly string[]): string {
  return files.length > 5 ? `${files.length} files` : files.join(', ');
}

/** The values layer by layer, found by name. */
function inOrder(
  { layers }: Topology,
  entries: readonly WeightEntry[],
  flat: Float32Array,
  path: string,
): LayerValues {
  const wanted = new Map<string, readonly number[]>(
    layers.flatMap(({ config, weights }) =>
      weights.map(({ name, shape }) => [`${config.name}/${name}`, shape] as const),
    ),
  );
  const found = new Map<string, Float32Array>();
  let at = 0;
  for (const { name, shape, ofOptimizer } of entries) {
    const start = at;
    at += elements(shape);
    if (ofOptimizer) continue;
    const needed = wanted.get(name);
    if (!needed || found.has(name)) {
      throw new ModelFileError(
        'corrupt',
        `${path} lists the weight "${name}", which none of its layers has, or lists it twice.`,
      );
    }
    if (needed.join() !== shape.join()) {
      throw new ModelFileError(
        'corrupt',
        `The weight "${name}" in ${path} has the shape [${shape.join(', ')}], but its layer needs [${needed.join(', ')}].`,
      );
    }
    found.set(name, flat.subarray(start, at));
  }
  return layers.map(({ config, weights }) =>
    weights.map(({ name }) => {
      const full = `${config.name}/${name}`;
      const values = found.get(full);
      if (values) return values;
      throw new ModelFileError('corrupt', `${path} lists no weight "${full}".`);
    }),
  );
}
