import { mkdir, open, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { loadModel, saveKerasH5, saveModel } from '../src/index.ts';
import { writeModelFolder } from '../src/tfjs/model-folder.ts';
import { scratchFolder } from './support/scratch.ts';
import { saveListing } from './support/changed-files.ts';
import {
  MODELS,
  predictionsOf,
  sameBits,
  setWeight,
  smallModel,
  weightsOf,
} from './support/models.ts';
import { canLoseRights, withoutRights } from './support/rights.ts';

const folder = scratchFolder();

describe('saveModel and loadModel', () => {
  test('give back the same model, to the bit', async () => {
    const model = smallModel(11);
    setWeight(model, 'conv', [-0, 1e-45, Math.fround(3.4e38)]); // the awkward ones
    model.setUserDefinedMetadata({ trainedOn: 'nothing', note: null });
    await saveModel(model, folder());
    expect((await readdir(folder())).sort()).toEqual(['model.json', 'weights.bin']);
    expect(await readdir(join(folder(), '..'))).toEqual(['model']);

    const { numTensors } = tf.memory();
    const loaded = await loadModel(folder());
    expect(tf.memory().numTensors).toBe(numTensors + 4);
    expect(sameBits(weightsOf(loaded), weightsOf(model))).toBe(true);
    expect(loaded.toJSON(null, false)).toEqual(model.toJSON(null, false));
    expect(loaded.getUserDefinedMetadata()).toEqual({ trainedOn: 'nothing', note: null });
  });

  test.each(MODELS)('predict alike before and after, with %s', async (_, make) => {
    const model = make();
    await saveModel(model, folder());
    const loaded = await loadModel(folder());
    expect(sameBits(predictionsOf(loaded), predictionsOf(model))).toBe(true);
    expect(loaded.toJSON(null, false)).toEqual(model.toJSON(null, false));
  });

  test('write the same bytes for the same model', async () => {
    const bytes = async (): Promise<Buffer[]> =>
      Promise.all(['model.json', 'weights.bin'].map((name) => readFile(join(folder(), name))));
    await saveModel(smallModel(), folder());
    const first = await bytes();
    await saveModel(smallModel(), folder());
    expect(await bytes()).toEqual(first);
  });

  test('plain TensorFlow.js reads the files over HTTP', async () => {
    const model = smallModel(4);
    await saveModel(model, folder());
    const server = createServer((request, response) => {
      void readFile(join(folder(), request.url ?? '')).then((bytes) => response.end(bytes));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('No port.');
    const plain = await tf.loadLayersModel(`http://127.0.0.1:${address.port}/model.json`);
    await new Promise((resolve) => server.close(resolve));
    expect(plain).toBeInstanceOf(tf.Sequential);
    const flat = plain.getWeights().flatMap((weight) => Array.from(weight.dataSync()));
    expect(flat).toEqual(Array.from(weightsOf(model)));
  });

  test('loadModel reads what TensorFlow.js writes elsewhere: shards, "./" and the memory of an optimizer', async () => {
    await saveListing(folder(), ({ paths, weights }) => {
      paths.splice(0, 1, './shard1', 'shard2');
      weights.push({
        name: 'iter',
        shape: [],
        dtype: 'int32',
        group: 'optimizer',
      });
    });
    const bytes = await readFile(join(folder(), 'weights.bin'));
    await writeFile(join(folder(), 'shard1'), bytes.subarray(0, 1001));
    await writeFile(
      join(folder(), 'shard2'),
      Buffer.concat([bytes.subarray(1001), Buffer.alloc(4)]),
    );
    expect(sameBits(weightsOf(await loadModel(folder())), weightsOf(smallModel()))).toBe(true);
  });
});

describe('saveModel', () => {
  test('replaces a model, also through a link, and an empty folder', async () => {
    await mkdir(folder(), { recursive: true });
    await saveModel(smallModel(1), folder());
    const link = join(folder(), '../link');
    await symlink(folder(), link);
    await saveModel(smallModel(2), link);
    expect(sameBits(weightsOf(await loadModel(folder())), weightsOf(smallModel(2)))).toBe(true);
    expect((await readdir(join(folder(), '..'))).sort()).toEqual(['link', 'model']);
  });

  test.each([
    ['notes.txt', 'text', 'it holds notes.txt'],
    ['model.json', '{}', "its model.json is not a model's"],
  ])('leaves a folder with another %s alone', async (name, text, why) => {
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), name), text);
    await expect(saveModel(smallModel(), folder())).rejects.toMatchObject({
      code: 'exists-not-model',
      message: `${folder()} is not the folder of a model (${why}), so it was left as it is; choose another folder.`,
    });
    expect(await readdir(folder())).toEqual([name]);
    expect(await readFile(join(folder(), name), 'utf8')).toBe(text);
  });

  test("a folder that bears the name of a model's file is somebody else's", async () => {
    await saveModel(smallModel(), folder());
    const [weights = ''] = (await readdir(folder())).filter((name) => name !== 'model.json');
    await rm(join(folder(), weights));
    await mkdir(join(folder(), weights));
    await writeFile(join(folder(), weights, 'notes.txt'), 'mine');
    await expect(saveModel(smallModel(), folder())).rejects.toThrow(`it also holds ${weights}`);
    expect(await readdir(join(folder(), weights))).toEqual(['notes.txt']);
  });

  test("leaves a model with somebody's notes beside it alone, and a file", async () => {
    await saveModel(smallModel(), folder());
    await writeFile(join(folder(), 'notes.txt'), '');
    await expect(saveModel(smallModel(), folder())).rejects.toThrow('it also holds notes.txt');
    await expect(saveModel(smallModel(), join(folder(), 'notes.txt'))).rejects.toThrow(
      'it is a file',
    );
  });

  test.runIf(process.platform === 'linux')(
    'a folder that nobody can make is an error at once',
    async () => {
      await expect(saveModel(smallModel(), '/proc/nothing/model')).rejects.toThrow(
        'Could not write /proc/nothing/model (ENOENT)',
      );
      await expect(saveKerasH5(smallModel(), '/proc/nothing/model.h5')).rejects.toThrow(
        'Could not write /proc/nothing/model.h5 (ENOENT)',
      );
    },
  );

  test('a full disk leaves the old model and nothing else', async () => {
    await saveModel(smallModel(1), folder());
    const full = async (path: string, flags: string): Promise<FileHandle> => {
      const handle = await open(path, flags);
      const error = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      if (path.endsWith('weights.bin')) handle.writeFile = () => Promise.reject(error);
      return handle;
    };
    const files = { 'model.json': new Uint8Array(1), 'weights.bin': new Uint8Array(1) };
    await expect(writeModelFolder(folder(), files, full)).rejects.toMatchObject({
      code: 'disk',
      message: `The disk is full while writing ${folder()}: free some space or choose another folder.`,
    });
    expect(await readdir(join(folder(), '..'))).toEqual(['model']);
    expect(sameBits(weightsOf(await loadModel(folder())), weightsOf(smallModel(1)))).toBe(true);
  });

  test.runIf(canLoseRights)('a place where nothing may be written', async () => {
    const parent = join(folder(), '..');
    await mkdir(parent);
    await withoutRights(parent, () =>
      expect(saveModel(smallModel(), folder())).rejects.toMatchObject({
        code: 'permission',
        message: `No permission to write ${folder()}: change its access rights or choose another folder.`,
      }),
    );
  });

  test('refuses weights that are not numbers, and layers that could not be read back', async () => {
    const broken = smallModel();
    setWeight(broken, 'dense', [], [Infinity]);
    await expect(saveModel(broken, folder())).rejects.toMatchObject({
      code: 'corrupt',
      message:
        'The model has Infinity in its weight "dense/bias"; train it anew with a lower learning rate.',
    });
    const other = tf.sequential({
      layers: [tf.layers.globalMaxPooling1d({ inputShape: [2, 2] })],
    });
    await expect(saveModel(other, folder())).rejects.toMatchObject({ code: 'unsupported' });
    await expect(readdir(folder())).rejects.toThrow('ENOENT');
  });
});
