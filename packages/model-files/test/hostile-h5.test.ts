// Files that are whole for libhdf5 and lie to whoever reads a model from them; fixtures/make-hostile.py wrote them.
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadKerasH5, ModelFileError } from '../src/index.ts';
import { type Hdf5Reader, readHdf5 } from '../src/keras/hdf5-thread.ts';
import { weightsOf } from './support/models.ts';

const at = (name: string): string =>
  fileURLToPath(new URL(`fixtures/hostile/${name}.h5`, import.meta.url));

/** The kernel, 0 to 5 eighths, and the bias. */
const HONEST = Float32Array.of(0, 0.125, 0.25, 0.375, 0.5, 0.625, 0, 0);
const KERNEL = 'model_weights/dense/dense/kernel:0';

/** The code, and what follows the path in the message; null for what loads. */
const CASES: Readonly<Record<string, readonly [ModelFileError['code'], string] | null>> = {
  honest: null,
  'cycle-beside': null,
  'names-in-circles': null,
  'cycle-layer': ['corrupt', ' has no attribute "weight_names" at "/model_weights/dense".'],
  'cycle-soft': ['corrupt', ' has no group "model_weights/dense".'],
  'cycle-pair': ['corrupt', ` has no dataset "${KERNEL}".`],
  external: ['corrupt', ' has no group "model_weights/dense".'],
  'no-weights-group': ['corrupt', ' has no group "model_weights".'],
  'no-layer-group': ['corrupt', ' has no group "model_weights/dense".'],
  'no-dataset': ['corrupt', ` has no dataset "${KERNEL}".`],
  'group-for-dataset': ['corrupt', ` has no dataset "${KERNEL}".`],
  'no-names': ['corrupt', ' has no attribute "layer_names" at "/model_weights".'],
  'no-config': [
    'unsupported',
    ' has no attribute "model_config": it holds weights only, or is no Keras model; save the whole model with model.save().',
  ],
  'huge-unwritten': [
    'corrupt',
    ` declares more weights than may be read ("${KERNEL}" has the shape [1048576, 1048576]).`,
  ],
  'huge-packed': [
    'corrupt',
    ` declares more weights than may be read ("${KERNEL}" has the shape [16384, 16384]).`,
  ],
  'beyond-integers': [
    'corrupt',
    ` declares more weights than may be read ("${KERNEL}" has the shape [1073741824, 1073741824]).`,
  ],
  'large-unwritten': [
    'corrupt',
    ` declares more weights than may be read ("${KERNEL}" has the shape [8192, 8192]).`,
  ],
  'many-names': ['corrupt', ' has an attribute "layer_names" of an impossible size.'],
  doubles: ['unsupported', ` has a weight "${KERNEL}" that is not float32.`],
  'text-as-number': ['corrupt', ' has an attribute "model_config" that is no text.'],
};

/** Names in circles keep libhdf5 at work for ten seconds, which are more on a busy machine; its time is not what is tested here. */
const patiently: Hdf5Reader = (bytes, limits, path) =>
  readHdf5(bytes, { ...limits, milliseconds: 250_000 }, path);

describe('loadKerasH5 and files that lie', () => {
  test.each(Object.entries(CASES))('%s', async (name, expected) => {
    const path = at(name);
    if (expected === null) {
      const { model } = await loadKerasH5(path, patiently);
      expect(weightsOf(model)).toEqual(HONEST);
      model.dispose();
      return;
    }
    const [code, text] = expected;
    const message = text.startsWith(' ') ? `${path}${text}` : text.replace('*', path);
    const error: unknown = await loadKerasH5(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelFileError);
    expect(error).toMatchObject({ code, message });
  });

  test('every file of the folder is one of these', async () => {
    const files = await readdir(fileURLToPath(new URL('fixtures/hostile', import.meta.url)));
    expect(files.map((file) => basename(file, '.h5')).sort()).toEqual(Object.keys(CASES).sort());
  });
});
