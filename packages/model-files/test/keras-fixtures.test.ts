// Files of both dialects, written by the scripts in test/fixtures, against what Keras itself predicts.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { loadKerasH5 } from '../src/index.ts';
import { largestDifference, predictionsOf } from './support/models.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const numbers = z.array(z.number());
const [keras3, keras2] = ['predictions.json', 'keras2-predictions.json'].map((name) =>
  z
    .object({ small: numbers.optional(), rich: numbers.optional(), layers: numbers.optional() })
    .parse(JSON.parse(readFileSync(fixture(name), 'utf8'))),
);

/** Keras keeps settings as float32. */
const near = (value: number): unknown => expect.closeTo(value, 7);
const adam = {
  loss: 'sparse_categorical_crossentropy',
  optimizer: {
    ...{ name: 'adam', learningRate: near(0.002) },
    ...{ beta1: near(0.8), beta2: near(0.999), epsilon: near(1e-6) },
  },
  metrics: ['accuracy'],
};
const sgd = {
  loss: 'categorical_crossentropy',
  optimizer: { name: 'sgd', learningRate: near(0.05) },
  metrics: [],
};

test.each([
  ['keras2-small', '2.6.0', keras2?.small, adam],
  ['keras2-layers', '2.6.0', keras2?.layers, sgd],
  ['keras2-rich', '2.9.0', keras3?.rich, sgd],
  ['keras3-small', '3.15.1', keras3?.small, adam],
  ['keras3-rich', '3.15.1', keras3?.rich, sgd],
] as const)(
  '%s.h5 predicts here as in Keras, to 1e-6, and keeps its settings',
  async (name, version, predictions, settings) => {
    const { model, training, kerasVersion } = await loadKerasH5(fixture(`${name}.h5`));
    expect(largestDifference(predictionsOf(model), predictions ?? [])).toBeLessThan(1e-6);
    expect(training).toMatchObject(settings);
    expect(kerasVersion).toBe(version);
    model.dispose();
  },
);
