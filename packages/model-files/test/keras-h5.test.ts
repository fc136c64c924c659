import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKerasH5, saveKerasH5 } from '../src/index.ts';
import { MODELS, predictionsOf, weightsOf } from './support/models.ts';
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
