// Files of both dialects, written by test/fixtures/make-fixtures.py, against what Keras itself predicts.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { loadKerasH5 } from '../src/index.ts';
import { largestDifference, predictionsOf } from './support/models.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const expected = z
  .object({ small: z.array(z.number()), rich: z.array(z.number()) })
  .parse(JSON.parse(readFileSync(fixture('predictions.json'), 'utf8')));

const settings = {
  small: {
    loss: 'sparse_categorical_crossentropy',
    optimizer: { name: 'adam', learningRate: 0.002, beta1: 0.8, beta2: 0.999, epsilon: 1e-6 },
    metrics: ['accuracy'],
  },
  rich: {
    loss: 'categorical_crossentropy',
    optimizer: { name: 'sgd', learningRate: 0.05 },
    metrics: [],
  },
};

describe.each(['keras2', 'keras3'])('a file of %s', (dialect) => {
  test.each(['small', 'rich'] as const)(
    'with the %s model predicts here as in Keras, to 1e-6, and keeps its settings',
    async (name) => {
      const { model, training, kerasVersion } = await loadKerasH5(fixture(`${dialect}-${name}.h5`));
      const difference = largestDifference(predictionsOf(model), expected[name]);
      expect(difference).toBeLessThan(1e-6);
      expect(training?.optimizer?.learningRate).toBeCloseTo(
        settings[name].optimizer.learningRate,
        7,
      );
      expect(training).toMatchObject({
        ...settings[name],
        optimizer: { ...settings[name].optimizer, learningRate: training?.optimizer?.learningRate },
      });
      expect(kerasVersion).toBe(dialect === 'keras2' ? '2.9.0' : '3.15.1');
      model.dispose();
    },
  );
});
