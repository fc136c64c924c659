// Everything that may be wrong with a model's files, each with its sentence.
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { LAYER_KINDS } from '../src/layers/kinds/table.ts';
import { loadModel, saveModel } from '../src/index.ts';
import { scratchFolder } from './support/scratch.ts';
import { saveChanged, saveListing } from './support/changed-files.ts';
import { exhausting } from './support/exhausting.ts';
import { smallModel, weightsOf } from './support/models.ts';
import { canLoseRights, withoutRights } from './support/rights.ts';

const folder = scratchFolder();

describe('loadModel refuses', () => {
  /** Everything refused must leave no tensor behind either. */
  async function expectRefusal(code: string, message: string): Promise<void> {
    const { numTensors } = tf.memory();
    await expect(loadModel(folder())).rejects.toMatchObject({
      name: 'ModelFileError',
      code,
      message,
    });
    expect(tf.memory().numTensors).toBe(numTensors);
  }
  const file = (name: string): string => join(folder(), name);

  test('a folder that is not there', async () => {
    await expectRefusal(
      'not-found',
      `${file('model.json')} does not exist; a saved model is a folder with model.json and its weights.`,
    );
  });

  test('a model without its weights', async () => {
    await saveModel(smallModel(), folder());
    await rm(file('weights.bin'));
    await expectRefusal(
      'not-found',
      `${file('weights.bin')} does not exist; a saved model is a folder with model.json and its weights.`,
    );
  });

  test('truncated weights', async () => {
    await saveModel(smallModel(), folder());
    await truncate(file('weights.bin'), 1001);
    await expectRefusal(
      'corrupt',
      `weights.bin in ${folder()} should have 16040 bytes, not 1001; the file was cut off or belongs to another model.`,
    );
  });

  test('a weight that is not a number', async () => {
    const model = smallModel();
    await saveModel(model, folder());
    const weights = weightsOf(model);
    weights[75] = NaN;
    await writeFile(file('weights.bin'), new Uint8Array(weights.buffer));
    await expectRefusal(
      'corrupt',
      `The model in ${folder()} has NaN in its weight "conv/bias"; train it anew with a lower learning rate.`,
    );
  });

  test('what is not JSON', async () => {
    await saveChanged(folder(), (json) => json.slice(0, -10));
    await expectRefusal('corrupt', `${file('model.json')} is not JSON; save the model again.`);
  });

  test('JSON of something else', async () => {
    await saveChanged(folder(), () => '{"modelTopology": {}, "weightsManifest": 3}');
    await expectRefusal(
      'corrupt',
      `${file('model.json')} is not a model of TensorFlow.js: weightsManifest does not fit (Invalid input: expected array, received number).`,
    );
    await writeFile(file('model.json'), '{"modelTopology": {"class_name": 3}}');
    await expectRefusal(
      'corrupt',
      `${file('model.json')} is not a model of TensorFlow.js: modelTopology.class_name does not fit (Invalid input: expected string, received number).`,
    );
    await writeFile(file('model.json'), '[]');
    await expectRefusal(
      'corrupt',
      `${file('model.json')} is not a model of TensorFlow.js: it does not fit (Invalid input: expected object, received array).`,
    );
  });

  test('weight files outside the folder', async () => {
    for (const name of ['../weights.bin', 'weights\\u0000.bin', '..']) {
      await saveChanged(folder(), (json) => json.replace('"weights.bin"', `"${name}"`));
      await expectRefusal(
        'corrupt',
        `${file('model.json')} is not a model of TensorFlow.js: weightsManifest.0.paths.0 does not fit (must be a file name).`,
      );
    }
  });

  test('more than a machine can hold or compute, before it is read', async () => {
    await mkdir(dirname(folder()), { recursive: true });
    for (const [name, words] of [
      ['one sparse gigabyte named six times', '6 files in * should have 32 bytes, not 6442450944'],
      ['model.json nested two million deep', '*/model.json is nested more than 64 deep'],
      ['900 poolings', 'The model in */model.json takes more arithmetic than is allowed here.'],
    ] as const) {
      await exhausting[name]?.(folder());
      await expect(loadModel(folder())).rejects.toMatchObject({
        name: 'ModelFileError',
        message: expect.stringContaining(words.replace('*', folder())) as string,
      });
      await rm(folder(), { recursive: true });
    }
  });

  test('shapes that do not fit the layers', async () => {
    // As many numbers, but turned: only the shapes tell.
    await saveListing(folder(), ({ weights }) => weights.at(-2)?.shape.reverse());
    await expectRefusal(
      'corrupt',
      `The weight "dense/kernel" in ${file('model.json')} has the shape [10, 392], but its layer needs [392, 10].`,
    );
  });

  test('weights of other names, or none', async () => {
    await saveChanged(folder(), (json) => json.replace('"dense/bias"', '"dense/bios"'));
    await expectRefusal(
      'corrupt',
      `${file('model.json')} lists the weight "dense/bios", which none of its layers has, or lists it twice.`,
    );
    await saveListing(folder(), ({ weights }) => weights.splice(0));
    await writeFile(file('weights.bin'), '');
    await expectRefusal('corrupt', `${file('model.json')} lists no weight "conv/kernel".`);
  });

  test('settings of layers that make no sense', async () => {
    await saveChanged(folder(), (json) => json.replace('"filters": 8', '"filters": -8'));
    await expect(loadModel(folder())).rejects.toMatchObject({ code: 'corrupt' });
  });

  test('names of layers that TensorFlow.js refuses in the middle of building', async () => {
    for (const name of ['-conv', '_conv', 'con v', 'con/v']) {
      await saveChanged(folder(), (json) => json.replaceAll('"conv', `"${name}`));
      const { numTensors } = tf.memory();
      await expect(loadModel(folder())).rejects.toMatchObject({
        name: 'ModelFileError',
        message: expect.stringMatching(
          /layer 0, config\.name does not fit \(must begin with a letter/,
        ) as string,
      });
      expect(tf.memory().numTensors).toBe(numTensors);
    }
  });

  test('no initializer that is drawn from for ever, or unknown: it becomes the default', async () => {
    for (const [there, instead] of [
      ...[['"scale": 1', '"scale": "NaN"'] as const, ['"scale": 1', '"scale": -1'] as const],
      ...[['"scale": 1', '"scale": null'] as const, ['"fan_avg"', '"fan_sideways"'] as const],
      ['"distribution": "normal"', '"distribution": "even"'],
    ] as const) {
      await saveChanged(folder(), (json) => {
        expect(json).toContain(there);
        return json.replaceAll(there, instead);
      });
      const model = await loadModel(folder());
      expect(weightsOf(model)).toEqual(weightsOf(smallModel()));
      model.dispose();
    }
  });

  test('other kinds of model', async () => {
    await saveChanged(folder(), (json) => json.replace('"layers-model"', '"graph-model"'));
    await expectRefusal(
      'unsupported',
      `${file('model.json')} describes a model of the format "graph-model"; only "layers-model" can be read here.`,
    );
    await saveChanged(folder(), (json) => json.replace('"Sequential"', '"GraphModel"'));
    await expectRefusal(
      'unsupported',
      `${file('model.json')} describes a GraphModel model; only Sequential and functional models can be read here.`,
    );
  });

  test('layers that nobody here knows', async () => {
    await saveChanged(folder(), (json) => json.replace('"MaxPooling2D"', '"Attention9"'));
    await expectRefusal(
      'unsupported',
      `${file('model.json')} has a layer of the kind "Attention9"; known here are ${['InputLayer', ...Object.keys(LAYER_KINDS)].join(', ')}.`,
    );
  });

  test('other number formats', async () => {
    await saveListing(folder(), ({ weights }) => {
      Object.assign(weights[0] ?? {}, { dtype: 'int32' });
    });
    await expectRefusal(
      'unsupported',
      `The weight "conv/kernel" in ${file('model.json')} is int32; only plain float32 can be read here.`,
    );
  });

  test.runIf(canLoseRights)('a folder that may not be read', async () => {
    await saveModel(smallModel(), folder());
    await withoutRights(folder(), () =>
      expectRefusal(
        'permission',
        `No permission to read ${file('model.json')}: change its access rights or choose another folder.`,
      ),
    );
  });
});
