import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OnnxSession } from '@fashion-bench/onnx';
import type * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { exportOnnx, toOnnx } from '../src/index.ts';
import {
  inputsFor,
  MODELS,
  largestDifference,
  predictionsOf,
  richModel,
  smallModel,
} from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();
function feedOf(model: tf.LayersModel, n: number): { data: Float32Array; shape: number[] } {
  const inputs = inputsFor(model, n);
  return { data: inputs.dataSync<'float32'>(), shape: inputs.shape };
}

describe('exportOnnx', () => {
  test.each(MODELS)('%s: onnxruntime-node answers as TensorFlow.js, to 1e-6', async (_, make) => {
    const model = make();
    const path = join(folder(), 'model.onnx');
    await exportOnnx(model, path);
    const session = await OnnxSession.create(await readFile(path));
    // Any number of images.
    for (const n of [1, 3]) {
      const { data, shape } = feedOf(model, n);
      const { probabilities } = await session.run({ images: { dtype: 'float32', shape, data } });
      const difference = largestDifference(
        probabilities?.data instanceof Float32Array ? probabilities.data : [],
        predictionsOf(model, n),
      );
      expect(difference).toBeLessThan(1e-6);
    }
    await session.dispose();
  });

  test.each(MODELS)(
    '%s: onnxruntime-web (wasm) answers as TensorFlow.js, to 1e-6',
    async (_, make) => {
      const model = make();
      const session = await ort.InferenceSession.create(toOnnx(model).bytes, {
        executionProviders: ['wasm'],
      });
      const { data, shape } = feedOf(model, 3);
      const { probabilities } = await session.run({
        images: new ort.Tensor('float32', data, shape),
      });
      const answer = await probabilities?.getData();
      expect(
        largestDifference(answer instanceof Float32Array ? answer : [], predictionsOf(model)),
      ).toBeLessThan(1e-6);
      await session.release();
    },
  );

  test('names that do not fit the outputs are refused', () => {
    expect(() => toOnnx(smallModel(), { classNames: ['Bag'] })).toThrow(
      'There are 1 class names, but the model has 10 outputs.',
    );
  });

  test('the same model gives the same bytes, with opset, names and metadata in them', () => {
    const classNames = ['a', 'b', 'c', 'd', 'e', 'f'];
    const { bytes, inputs, outputs } = toOnnx(richModel(), { classNames });
    expect(toOnnx(richModel(), { classNames }).bytes).toEqual(bytes);
    expect(inputs).toMatchObject([{ name: 'images', dtype: 'float32', shape: ['n', 14, 13, 2] }]);
    expect(outputs).toMatchObject([{ name: 'probabilities', dtype: 'float32', shape: ['n', 6] }]);
    expect(Buffer.from(bytes).includes('["a","b","c","d","e","f"]')).toBe(true);
  });
});
