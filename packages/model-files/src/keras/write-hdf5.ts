/**
 * A Keras HDF5 file in the dialect of tf.keras 2: names with ":0", lists of names of fixed length, float32 datasets
 * without compression. The layout is that of `save_model_to_hdf5` in Keras 2's saving/legacy/hdf5_format.py.
 */
import type { Group } from 'h5wasm';
import type { KerasFile, StoredLayer } from './keras-file.ts';

/** HDF5 keeps an object's header below 64 kB; Keras splits longer lists of names (HDF5_OBJECT_HEADER_LIMIT). */
const HEADER_LIMIT = 64_512;

export function writeKerasFile(root: Group, file: KerasFile): void {
  const { modelConfig, trainingConfig, kerasVersion = '', layers } = file;
  root.create_attribute('keras_version', kerasVersion);
  root.create_attribute('backend', 'tensorflow');
  root.create_attribute('model_config', modelConfig);
  if (trainingConfig !== undefined) root.create_attribute('training_config', trainingConfig);
  const group = root.create_group('model_weights');
  group.create_attribute('keras_version', kerasVersion);
  group.create_attribute('backend', 'tensorflow');
  writeNames(
    group,
    'layer_names',
    layers.map(({ name }) => name),
  );
  for (const layer of layers) {
    const home = group.create_group(layer.name);
    writeNames(
      home,
      'weight_names',
      layer.weights.map(({ name }) => name),
    );
    writeDatasets(home, layer);
  }
}

/** The weights file of an archive of Keras 3: a group for each layer, in which the weights are numbered. */
export function writeWeights(root: Group, layers: readonly StoredLayer[]): void {
  for (const layer of layers) writeDatasets(groupAt(root, layer.name.split('/')), layer);
}

function writeDatasets(home: Group, { weights }: StoredLayer): void {
  for (const { name, shape, data } of weights) {
    const parts = name.split('/');
    const last = parts.pop() ?? name;
    groupAt(home, parts).create_dataset({ name: last, data, shape: [...shape], dtype: '<f' });
  }
}

function groupAt(group: Group, path: readonly string[]): Group {
  return path.reduce(childGroup, group);
}

function childGroup(group: Group, name: string): Group {
  if (group.keys().includes(name)) {
    const child = group.get(name);
    if (child !== null && 'create_group' in child) return child;
  }
  return group.create_group(name);
}

function writeNames(group: Group, attribute: string, names: readonly string[]): void {
  if (names.length === 0) {
    group.create_attribute(attribute, new Float64Array(0), [0], '<d');
    return;
  }
  const longest = Math.max(...names.map((name) => Buffer.byteLength(name)));
  const each = Math.max(1, Math.floor(HEADER_LIMIT / longest));
  for (let start = 0; start < names.length; start += each) {
    const part = names.slice(start, start + each);
    const name = names.length <= each ? attribute : `${attribute}${start / each}`;
    group.create_attribute(name, part, [part.length], `S${longest}`);
  }
}
