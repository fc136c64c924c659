import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadKeras, loadKerasH5, saveKeras, saveKerasH5 } from '../src/index.ts';
import {
  largestDifference,
  MODELS,
  predictionsOf,
  smallModel,
  weightsOf,
} from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();
const file = (): string => join(folder(), 'model.h5');
const adam = { name: 'adam', learningRate: 0.002, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 } as const;

describe('saveKerasH5 and loadKerasH5', () => {
  test.each(MODELS)('give back %s, to the bit', async (_, make) => {
    const model = make();
    const training = {
      loss: 'sparse_categorical_crossentropy',
      optimizer: adam,
      metrics: ['accuracy'],
    };
    await saveKerasH5(model, file(), { training });
    const loaded = await loadKerasH5(file());
    expect(weightsOf(loaded.model)).toEqual(weightsOf(model));
    expect(predictionsOf(loaded.model)).toEqual(predictionsOf(model));
    expect(loaded.model.toJSON(null, false)).toEqual(model.toJSON(null, false));
    expect(loaded.training).toMatchObject(training);
    expect(loaded.kerasVersion).toBe('2.15.0');
  });
});

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('saveKeras and loadKeras', () => {
  const archive = (): string => join(folder(), 'model.keras');

  test.each(MODELS)('give back %s, to the bit', async (_, make) => {
    const model = make();
    const optimizer = {
      name: 'rmsprop' as const,
      ...{ learningRate: 0.002, rho: 0.8, epsilon: 1e-6, momentum: 0.5 },
      ...{ centered: true, weightDecay: 0.01, globalClipnorm: 2, useEma: true, emaMomentum: 0.9 },
    };
    const training = { loss: 'sparse_categorical_crossentropy', optimizer, metrics: ['accuracy'] };
    await saveKeras(model, archive(), { training });
    const loaded = await loadKeras(archive());
    expect(weightsOf(loaded.model)).toEqual(weightsOf(model));
    expect(loaded.model.toJSON(null, false)).toEqual(model.toJSON(null, false));
    expect(loaded.training).toMatchObject(training);
    await saveKeras(model, archive());
    expect((await loadKeras(archive())).training).toBeUndefined();
  });

  test('what Keras 3 has written predicts as in Keras, to 1e-6, with its settings', async () => {
    const { keras, predictions } = z
      .object({ keras: z.string(), predictions: z.array(z.number()) })
      .parse(JSON.parse(readFileSync(fixture('archive.json'), 'utf8')));
    const { model, training, kerasVersion } = await loadKeras(fixture('keras3-functional.keras'));
    expect(largestDifference(predictionsOf(model), predictions)).toBeLessThan(1e-6);
    expect(kerasVersion).toBe(keras);
    const optimizer = { name: 'adam', weightDecay: 0.01, globalClipnorm: 1.5 };
    expect(training).toMatchObject({ loss: 'sparse_categorical_crossentropy', optimizer });
  });

  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  test.each([
    ['no archive', Buffer.from('PK\x03\x04'), 'is a damaged archive'],
    ['an archive without a model', zipSync({ 'a.txt': text(1) }), 'has no config.json in it'],
    ['one without weights', zipSync({ 'config.json': text({}) }), 'has no model.weights.h5 in it'],
    [
      'one that is much larger unpacked',
      zipSync({ 'config.json': new Uint8Array(2 ** 23) }),
      'declares 8388608 bytes of config.json',
    ],
  ])('%s is refused', async (_, bytes, message) => {
    await saveKeras(smallModel(), archive());
    await writeFile(archive(), bytes);
    await expect(loadKeras(archive())).rejects.toThrow(message);
  });
});
