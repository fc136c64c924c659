// Files that are damaged or lie: one clear refusal each, or a correct load, and never a crash or a hang.
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, test } from 'vitest';
import { loadKerasH5, ModelFileError, saveKerasH5 } from '../src/index.ts';
import { writeHdf5 } from '../src/keras/hdf5-thread.ts';
import { exhausting } from './support/exhausting.ts';
import { smallModel, weightsOf } from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();
const file = (): string => join(folder(), 'model.h5');
const whole = await readFile(fileURLToPath(new URL('fixtures/keras3-small.h5', import.meta.url)));

beforeEach(async () => {
  await mkdir(dirname(file()), { recursive: true });
});

async function refusal(bytes: Uint8Array): Promise<unknown> {
  await writeFile(file(), bytes);
  return loadKerasH5(file()).then(
    () => 'loaded',
    (error: unknown) => error,
  );
}

describe('loadKerasH5 refuses', () => {
  test('what is not there, is no file, or is no HDF5', async () => {
    await expect(loadKerasH5(file())).rejects.toMatchObject({ code: 'not-found' });
    await expect(loadKerasH5(dirname(file()))).rejects.toMatchObject({ code: 'unsupported' });
    expect(await refusal(Buffer.from('PK\x03\x04 a .keras file'))).toMatchObject({
      code: 'corrupt',
      message: `${file()} is no HDF5 file (its first bytes are others); save the model again with model.save('x.h5').`,
    });
  });

  test.each([8, 100, 3000, 20_000])('a file cut off after %i bytes', async (length) => {
    expect(await refusal(whole.subarray(0, length))).toMatchObject({
      name: 'ModelFileError',
      code: 'corrupt',
    });
  });

  test('weights that are not finite, of other shapes, or for other layers', async () => {
    const config = { name: 'd', units: 2, activation: 'softmax', batch_input_shape: [null, 3] };
    const modelConfig = JSON.stringify({
      class_name: 'Sequential',
      config: { name: 's', layers: [{ class_name: 'Dense', config }] },
    });
    const kernel = { name: 'd/kernel:0', shape: [3, 2], data: new Float32Array(6) };
    const bias = { name: 'd/bias:0', shape: [2], data: new Float32Array(2) };
    const written = (weights: readonly (typeof kernel)[], json = modelConfig) =>
      writeHdf5({
        modelConfig: json,
        trainingConfig: undefined,
        kerasVersion: '2.15.0',
        layers: [{ name: 'd', weights }],
      });
    expect(await refusal(await written([kernel, bias]))).toBe('loaded');
    const broken = { ...bias, data: Float32Array.of(0, NaN) };
    expect(await refusal(await written([kernel, broken]))).toMatchObject({
      code: 'corrupt',
      message: `${file()} has NaN in its weight "d/bias"; train it anew with a lower learning rate.`,
    });
    const turned = { ...kernel, shape: [2, 3] };
    expect(await refusal(await written([turned, bias]))).toMatchObject({
      code: 'corrupt',
      message: `The weight "d/kernel" in ${file()} has the shape [2, 3], but its layer needs [3, 2].`,
    });
    expect(await refusal(await written([kernel]))).toMatchObject({ code: 'corrupt' });
    // Millions of weights, declared by the architecture alone: refused before anything is built.
    const wide = modelConfig.replace('"units":2', '"units":4000000');
    expect(await refusal(await written([kernel, bias], wide))).toMatchObject({ code: 'corrupt' });
    const huge = modelConfig.replace('"units":2', '"units":16777216');
    expect(await refusal(await written([kernel, bias], huge))).toMatchObject({
      code: 'unsupported',
      message: `The model in ${file()} takes more memory than is allowed here.`,
    });
    expect(await refusal(await written([kernel, bias], '{"class_name"'))).toMatchObject({
      code: 'corrupt',
      message: `${file()} has an attribute "model_config" that is no JSON.`,
    });
  });

  test.each([
    ['a model_config of 60 MB', 'corrupt'],
    ['a training_config nested 100,000 deep', 'corrupt'],
  ] as const)('%s', async (name, code) => {
    await exhausting[name]?.(file());
    await expect(loadKerasH5(file())).rejects.toMatchObject({ name: 'ModelFileError', code });
  });

  test('25 mutated files, or loads them', async () => {
    await saveKerasH5(smallModel(), file());
    const good = await readFile(file());
    // A linear congruential generator (Numerical Recipes): the same files in every run.
    let state = 42;
    const draw = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const { length } = weightsOf(smallModel());
    const counts = { loaded: 0, refused: 0 };
    for (let i = 0; i < 25; i++) {
      const bytes = Buffer.from(good);
      // Most of the file is weights, where nearly every change is a valid one: half of the changes go to the rest.
      const edits = 1 + draw(8);
      for (let j = 0; j < edits; j++) bytes[draw(draw(2) ? 4096 : bytes.length)] = draw(256);
      await writeFile(file(), draw(8) ? bytes : bytes.subarray(0, draw(bytes.length)));
      try {
        const { model } = await loadKerasH5(file());
        expect(weightsOf(model)).toHaveLength(length);
        expect(weightsOf(model).every(Number.isFinite)).toBe(true);
        model.dispose();
        counts.loaded++;
      } catch (error) {
        expect(error).toBeInstanceOf(ModelFileError);
        counts.refused++;
      }
    }
    expect(counts.loaded).toBeGreaterThan(2);
    expect(counts.refused).toBeGreaterThan(2);
  });
});
