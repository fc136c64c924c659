/**
 * The Keras part of an HDF5 file, read with h5wasm. Runs in a thread of its own (hdf5-thread.ts): libhdf5 may abort
 * or loop on a damaged file. Groups and datasets are asked for by the paths that Keras uses, never by walking the file,
 * so that a link that leads back into itself leads nowhere; and every declared size is looked at before it is read.
 * The file lies in the memory of the wasm module, which has no other files: a link to one cannot be followed.
 */
import h5wasm, { type Attribute, type Dataset, type Group } from 'h5wasm';
import { MAX_JSON_BYTES } from '../layers/limits.ts';
import type {
  KerasFile,
  ReadLimits,
  StoredLayer,
  StoredWeight,
  WeightGroup,
} from './keras-file.ts';

/** Half a sentence on what is wrong, to be put behind the file's name. */
export class Refusal extends Error {
  readonly code: 'corrupt' | 'unsupported';

  constructor(code: 'corrupt' | 'unsupported', why: string) {
    super(why);
    this.code = code;
  }
}

const MAX_NAMES = 4096;
const WEIGHTS = 'model_weights';

/** HDF5's numbers of type classes: H5T_FLOAT and H5T_STRING. */
const FLOAT_CLASS = 1;
const STRING_CLASS = 3;

/** @throws Refusal, or what libhdf5 has to say. */
export function readKerasFile(root: Group, limits: ReadLimits): KerasFile {
  const modelConfig = textAttribute(root, 'model_config');
  if (modelConfig === undefined) {
    throw new Refusal(
      'unsupported',
      'has no attribute "model_config": it holds weights only, or is no Keras model; save the whole model with model.save()',
    );
  }
  const weights = groupAt(root, WEIGHTS);
  const budget = { bytes: limits.weightBytes };
  return {
    modelConfig,
    trainingConfig: textAttribute(root, 'training_config'),
    kerasVersion: textAttribute(root, 'keras_version'),
    layers: names(weights, 'layer_names').map((name) => readLayer(root, name, budget)),
  };
}

/** The weights file of an archive of Keras 3. @throws as `readKerasFile` does. */
export function readWeights(
  root: Group,
  groups: readonly WeightGroup[],
  limits: ReadLimits,
): readonly StoredLayer[] {
  const budget = { bytes: limits.weightBytes };
  return groups.map(({ path, count }) => ({
    name: path,
    weights: Array.from({ length: count }, (_, i) => readWeight(root, `${path}/${i}`, budget)),
  }));
}

function readLayer(root: Group, name: string, budget: { bytes: number }): StoredLayer {
  const path = `${WEIGHTS}/${name}`;
  const group = groupAt(root, path);
  const weights = names(group, 'weight_names').map((weight) =>
    readWeight(root, `${path}/${weight}`, budget),
  );
  return { name, weights };
}

function readWeight(root: Group, path: string, budget: { bytes: number }): StoredWeight {
  const dataset = entityAt(root, path);
  if (!(dataset instanceof h5wasm.Dataset)) {
    throw new Refusal('corrupt', `has no dataset "${path}"`);
  }
  const { type, size, shape, total_size: count } = dataset.metadata;
  if (type !== FLOAT_CLASS || size !== 4 || shape === null) {
    throw new Refusal('unsupported', `has a weight "${path}" that is not float32`);
  }
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new Refusal('corrupt', `has a weight "${path}" of an impossible size`);
  }
  budget.bytes -= 4 * count;
  if (!(budget.bytes >= 0)) {
    throw new Refusal(
      'corrupt',
      `declares more weights than may be read ("${path}" has the shape [${shape.join(', ')}])`,
    );
  }
  return { name: path, shape, data: floats(dataset, count, path) };
}

function floats(dataset: Dataset, count: number, path: string): Float32Array<ArrayBuffer> {
  const value: unknown = dataset.value;
  // A dataset of rank 0 comes as a number.
  const data = typeof value === 'number' ? Float32Array.of(value) : value;
  if (!(data instanceof Float32Array) || data.length !== count) {
    throw new Refusal('corrupt', `has a weight "${path}" that cannot be read`);
  }
  return new Float32Array(data);
}

function groupAt(root: Group, path: string): Group {
  const group = entityAt(root, path);
  if (group instanceof h5wasm.Group) return group;
  throw new Refusal('corrupt', `has no group "${path}"`);
}

/** What lies at a path; undefined for nothing. */
function entityAt(root: Group, path: string): unknown {
  try {
    return root.get(path) ?? undefined;
  } catch {
    // With its error handler on, libhdf5 throws where there is nothing.
    return undefined;
  }
}

/** A string, or undefined where there is no such attribute. */
function textAttribute(group: Group, name: string): string | undefined {
  const attribute = group.attrs[name];
  if (attribute === undefined) return undefined;
  checkText(attribute, 1);
  const { value } = attribute;
  const text: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof text !== 'string') {
    throw new Refusal('corrupt', `has an attribute "${name}" that is no text`);
  }
  // Of a string of variable length only the reader knows how long it is.
  if (text.length > MAX_JSON_BYTES) {
    throw new Refusal('corrupt', `has an attribute "${name}" of an impossible size`);
  }
  return text;
}

/** An attribute that lists names. Keras splits a long one into name0, name1 and so on. */
function names(group: Group, name: string): string[] {
  const attributes = group.attrs;
  const whole = attributes[name];
  const parts: Attribute[] = [];
  if (whole) parts.push(whole);
  else {
    for (let i = 0; i < MAX_NAMES; i++) {
      const part = attributes[`${name}${i}`];
      if (!part) break;
      parts.push(part);
    }
  }
  if (parts.length === 0) {
    throw new Refusal('corrupt', `has no attribute "${name}" at "${group.path}"`);
  }
  return parts.flatMap(namesOf);
}

function namesOf(attribute: Attribute): string[] {
  // A layer without weights has an empty list, which numpy makes one of numbers.
  if (attribute.metadata.total_size === 0) return [];
  checkText(attribute, MAX_NAMES);
  const value: unknown = attribute.value;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (typeof entry === 'string') return entry;
    throw new Refusal('corrupt', `has an attribute "${attribute.name}" that is no list of names`);
  });
}

function checkText({ name, metadata }: Attribute, most: number): void {
  const { type, size, total_size: count } = metadata;
  if (type !== STRING_CLASS) {
    throw new Refusal('corrupt', `has an attribute "${name}" that is no text`);
  }
  if (!(count >= 0 && count <= most && count * size <= MAX_JSON_BYTES)) {
    throw new Refusal('corrupt', `has an attribute "${name}" of an impossible size`);
  }
}
