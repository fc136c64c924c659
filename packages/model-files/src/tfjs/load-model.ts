/** A model from TensorFlow.js' own files, every part of it checked before it is believed. */
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { ModelFileError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { buildModel, checkFinite, type LayerValues } from '../layers/model.ts';
import { elements, type Topology } from '../layers/topology.ts';
import { MODEL_JSON, parseModelJson, type ModelJson, type WeightEntry } from './model-json.ts';

const HINT = `a saved model is a folder with ${MODEL_JSON} and its weights`;

/**
 * Loads a model that `saveModel` or TensorFlow.js itself has saved (format "layers-model", also in several weight
 * files). It is not compiled: training and evaluating it here needs no `compile()`.
 *
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'.
 */
export async function loadModel(folder: string): Promise<tf.Sequential> {
  const path = join(folder, MODEL_JSON);
  const json = parseModelJson((await readWhole(path, HINT)).toString('utf8'), path);
  const parts: Buffer[] = [];
  for (const file of json.files) parts.push(await readWhole(join(folder, file), HINT));
  const flat = weightValues(Buffer.concat(parts), json, folder);
  const values = inOrder(json.topology, json.weights, flat, path);
  checkFinite({ topology: json.topology, values }, `The model in ${folder}`);
  const model = await buildModel({ topology: json.topology, values }, folder);
  if (json.userDefinedMetadata) model.setUserDefinedMetadata(json.userDefinedMetadata);
  return model;
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

/** The values layer by layer, found by name. */
function inOrder(
  { layers }: Topology,
  entries: readonly WeightEntry[],
  flat: Float32Array,
  path: string,
): LayerValues {
  const wanted = new Map<string, readonly number[]>(
    layers.flatMap(({ json, weights }) =>
      weights.map(({ name, shape }) => [`${json.config.name}/${name}`, shape] as const),
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
  return layers.map(({ json, weights }) =>
    weights.map(({ name }) => {
      const full = `${json.config.name}/${name}`;
      const values = found.get(full);
      if (values) return values;
      throw new ModelFileError('corrupt', `${path} lists no weight "${full}".`);
    }),
  );
}
