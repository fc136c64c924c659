import { syntheticFashion } from '@fashion-bench/dataset';
import { networkOf, setWeightsOf, weightsOf } from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { evaluate, fashionCnn, predict } from '../src/index.ts';
import { smallModel } from './support/models.ts';

const { train, test: testSet } = syntheticFashion({ seed: 5, train: 12, test: 260 });

/** [n, classes], by TensorFlow.js itself. */
function tfPredict(model: tf.Sequential, images: Uint8Array): Float32Array {
  return tf.tidy(() => {
    const pixels = Float32Array.from(images, (value) => value / 255);
    const output = model.predict(
      tf.tensor(pixels, [
        images.length / 784,
        ...(model.inputs[0]?.shape.slice(1).map(Number) ?? []),
      ]),
    );
    if (Array.isArray(output)) throw new Error('The model has several outputs.');
    return output.dataSync<'float32'>().slice();
  });
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

// Two float32 engines add up to 1,568 products in different orders; each sum then errs by some 1e-7 of its size, and
// the softmax passes on at most half of the logits' error. Wrong padding or scale would be off by 1e-2.
const TOLERANCE = 1e-5;

describe.each(['onnx-cpu', 'reference'] as const)('predict on %s', (engine) => {
  test("gives what TensorFlow.js' own predict gives", async () => {
    const model = fashionCnn();
    const images = train.images.subarray(0, 4 * 784);
    const expected = tfPredict(model, images);
    const { probabilities, labels } = await predict(model, images, { engine, threads: 1 });
    expect(largestDifference(probabilities, expected)).toBeLessThan(TOLERANCE);
    for (let i = 0; i < 4; i++) {
      const row = Array.from(probabilities.subarray(10 * i, 10 * i + 10));
      expect(row.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
      expect(labels[i]).toBe(row.indexOf(Math.max(...row)));
    }
    model.dispose();
  });

  test('takes float32 pixels as they are', async () => {
    const model = smallModel();
    const floats = Float32Array.from(train.images, (value) => value / 255);
    const bytes = await predict(model, train.images, { engine });
    const { probabilities } = await predict(model, floats, { engine });
    expect(largestDifference(probabilities, bytes.probabilities)).toBeLessThan(TOLERANCE);
  });

  test('of no images is empty', async () => {
    const { probabilities, labels } = await predict(smallModel(), new Uint8Array(0), { engine });
    expect([probabilities.length, labels.length]).toEqual([0, 0]);
  });
});

describe.each(['onnx-cpu', 'reference'] as const)(
  "other models than the study's on %s",
  (engine) => {
    const conv = { filters: 2, kernelSize: 3, inputShape: [28, 28, 1] };
    const softmax = (): tf.layers.Layer => tf.layers.dense({ units: 10, activation: 'softmax' });
    test.each([
      [
        'frozen',
        () => [tf.layers.conv2d({ ...conv, trainable: false }), tf.layers.flatten(), softmax()],
      ],
      [
        'regularized',
        () => [
          tf.layers.conv2d({ ...conv, kernelRegularizer: 'l1l2' }),
          tf.layers.flatten(),
          softmax(),
        ],
      ],
      [
        'strided',
        () => [tf.layers.conv2d({ ...conv, strides: 2 }), tf.layers.flatten(), softmax()],
      ],
      [
        'overlapping',
        () => [
          tf.layers.maxPooling2d({ inputShape: [28, 28, 1], poolSize: 3, strides: 2 }),
          tf.layers.flatten(),
          softmax(),
        ],
      ],
      ['images without channels', () => [tf.layers.flatten({ inputShape: [28, 28] }), softmax()]],
    ])('predicts what TensorFlow.js predicts: %s', async (_, layers) => {
      const model = tf.sequential({ layers: layers() });
      const expected = tfPredict(model, testSet.images);
      const { probabilities } = await predict(model, testSet.images, { engine, threads: 1 });
      expect(largestDifference(probabilities, expected)).toBeLessThan(TOLERANCE);
      const { total, correct } = await evaluate(model, testSet, { engine });
      expect([total, correct <= total]).toEqual([260, true]);
      model.dispose();
    });
  },
);

describe('evaluate', () => {
  test('counts what a plain loop over the probabilities counts', async () => {
    const model = smallModel();
    const expected = tfPredict(model, testSet.images);
    const confusion = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => 0));
    let loss = 0;
    testSet.labels.forEach((label, i) => {
      const row = Array.from(expected.subarray(10 * i, 10 * i + 10));
      const cells = confusion[label] ?? [];
      const guess = row.indexOf(Math.max(...row));
      cells[guess] = (cells[guess] ?? 0) + 1;
      loss -= Math.log(row[label] ?? NaN) / testSet.labels.length;
    });

    const result = await evaluate(model, testSet, { engine: 'onnx-cpu' });
    expect(Array.from(result.confusion)).toEqual(confusion.flat());
    const diagonal = confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0);
    expect(result).toMatchObject({ total: 260, correct: diagonal, accuracy: diagonal / 260 });
    expect(result.loss).toBeCloseTo(loss, 5);
    // Rows are the true classes: 26 test images of each.
    for (let row = 0; row < 10; row++) {
      expect(result.confusion.subarray(10 * row, 10 * row + 10).reduce((a, b) => a + b)).toBe(26);
    }
  });

  test('clips a probability of zero at 1e-7, as Keras does', async () => {
    const model = smallModel();
    const weights = weightsOf(model).fill(0);
    weights[weights.length - 1] = 1000; // the bias of class 9: always class 9, with probability 1
    setWeightsOf(model, weights);
    const { loss, accuracy, confusion } = await evaluate(model, testSet, { engine: 'onnx-cpu' });
    expect(accuracy).toBe(0.1);
    expect(loss).toBeCloseTo(0.9 * -Math.log(1e-7) + 0.1 * -Math.log(1 - 1e-7), 6);
    expect(Array.from({ length: 10 }, (_, row) => confusion[10 * row + 9])).toEqual(
      Array<number>(10).fill(26),
    );
  });

  test('does not change the model and leaves no tensor behind', async () => {
    const model = smallModel();
    const before = weightsOf(model);
    const { numTensors } = tf.memory();
    await evaluate(model, testSet, { engine: 'reference' });
    expect(weightsOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

describe('bad input', () => {
  const options = { engine: 'onnx-cpu' } as const;
  const model = smallModel();
  const { images, labels } = train;

  test.each([
    [
      { images: images.subarray(1), labels },
      'images',
      'The images have 9407 values, which is no multiple of the 784 that the model takes for each (28 x 28 x 1).',
    ],
    [
      { images: images.subarray(0, 0), labels: labels.subarray(0, 0) },
      'images',
      'There are no images to evaluate the model on.',
    ],
    [
      { images, labels: labels.subarray(1) },
      'labels',
      'There are 12 images, but 11 labels; every image needs one.',
    ],
    [
      { images, labels: labels.map((label, i) => (i === 3 ? 10 : label)) },
      'labels',
      'Label 3 is 10, but the model knows the classes 0 to 9.',
    ],
    [
      { images: Float32Array.from(images, (value, i) => (i === 5 ? NaN : value)), labels },
      'images',
      'Value 5 of the given images is NaN; every pixel must be a finite number.',
    ],
    [
      { images: Float32Array.from(images, (value, i) => (i === 6 ? Infinity : value)), labels },
      'images',
      'Value 6 of the given images is Infinity; every pixel must be a finite number.',
    ],
  ])('is refused in one sentence (%#)', async (set, code, message) => {
    await expect(evaluate(model, set, options)).rejects.toMatchObject({
      name: 'CnnError',
      code,
      message,
    });
  });

  test('weights that are not numbers are named, not counted as class 0', async () => {
    const broken = smallModel();
    setWeightsOf(broken, weightsOf(broken).fill(NaN));
    await expect(predict(broken, images, options)).rejects.toThrow(
      'Value 0 of the weights is NaN; every one must be a finite number.',
    );
    setWeightsOf(broken, weightsOf(broken).fill(3e38));
    await expect(predict(broken, images, options)).rejects.toMatchObject({
      code: 'not-finite',
      message:
        'The model gives NaN for image 0; its weights or the pixels are too large or not numbers.',
    });
  });

  test('more classes than a byte tells apart', async () => {
    const wide = smallModel(1, 257);
    expect(networkOf(wide).classes).toBe(257);
    await expect(predict(wide, images, options)).rejects.toMatchObject({
      code: 'classes',
      message: 'The model has 257 classes, but labels are bytes, which tell 256 apart.',
    });
  });
});
