// Real Keras, 3 and 2, and ONNX' own checker on files written here. FASHION_BENCH_KERAS_PYTHON names a Python that has
// keras, tensorflow and onnx.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { exportOnnx, saveKeras, saveKerasH5 } from '../src/index.ts';
import {
  largestDifference,
  functionalModel,
  MODELS,
  predictionsOf,
  richModel,
  smallModel,
} from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();
const python = process.env['FASHION_BENCH_KERAS_PYTHON'] ?? '';
const why = python
  ? ''
  : ' (skipped: FASHION_BENCH_KERAS_PYTHON names no Python with keras, tensorflow and onnx)';
async function peer(task: 'keras' | 'keras2' | 'onnx', path: string): Promise<unknown> {
  const script = fileURLToPath(new URL('peers.py', import.meta.url));
  const { stdout } = await promisify(execFile)(python, [script, task, path]);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

describe.skipIf(!python)(`peers${why}`, () => {
  test.each([
    ['keras', 'a small model', smallModel],
    ['keras', 'every kind of layer', richModel],
    ['keras', 'a functional model', functionalModel],
    ['keras2', 'a small model', smallModel],
    ['keras2', 'every kind of layer that it has', () => richModel(false)],
  ] as const)('%s loads %s and predicts the same to 1e-6', async (keras, _, make) => {
    const model = make();
    const path = join(folder(), 'model.h5');
    const optimizer = { learningRate: 0.002, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 };
    const loss = 'sparse_categorical_crossentropy';
    await saveKerasH5(model, path, {
      training: { loss, optimizer: { name: 'adam', ...optimizer }, metrics: ['accuracy'] },
    });
    const number = z.number();
    const answer = z
      .object({
        predictions: z.array(number),
        loss: z.literal(loss),
        optimizer: z.object({
          ...{ learning_rate: number, beta_1: number, beta_2: number, epsilon: number },
        }),
      })
      .parse(await peer(keras, path));
    expect(largestDifference(answer.predictions, predictionsOf(model))).toBeLessThan(1e-6);
    expect(answer.optimizer.learning_rate).toBeCloseTo(optimizer.learningRate, 7);
    expect(answer.optimizer).toMatchObject({ beta_1: 0.8, beta_2: 0.99, epsilon: 1e-6 });
  });

  test.each(MODELS)(
    'Keras 3 loads %s from an archive and predicts the same to 1e-6',
    async (_, make) => {
      const model = make();
      const path = join(folder(), 'model.keras');
      const optimizer = {
        name: 'adam' as const,
        ...{ learningRate: 0.002, beta1: 0.8, beta2: 0.99, epsilon: 1e-6 },
        ...{ weightDecay: 0.01, clipnorm: 2 },
      };
      const loss = 'sparse_categorical_crossentropy';
      await saveKeras(model, path, { training: { loss, optimizer, metrics: ['accuracy'] } });
      const answer = z
        .looseObject({ predictions: z.array(z.number()) })
        .parse(await peer('keras', path));
      expect(largestDifference(answer.predictions, predictionsOf(model))).toBeLessThan(1e-6);
      expect(answer).toMatchObject({ loss, optimizer: { weight_decay: 0.01, clipnorm: 2 } });
    },
  );

  test.each(MODELS)("ONNX' checker passes %s", async (_, make) => {
    const model = make();
    const path = join(folder(), 'model.onnx');
    const classNames = Array.from(predictionsOf(model, 1), (_probability, i) => `class ${i}`);
    await exportOnnx(model, path, { classNames });
    expect(await peer('onnx', path)).toMatchObject({
      opset: [['', 21]],
      inputs: ['images'],
      outputs: ['probabilities'],
      metadata: { class_names: JSON.stringify(classNames) },
    });
  });
});
