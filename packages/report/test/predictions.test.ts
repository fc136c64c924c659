import { describe, expect, it } from 'vitest';
import {
  decodeClasses,
  decodePixels,
  decodeProbabilities,
  encodeClasses,
  encodePixels,
  encodeProbabilities,
  formatPredictions,
  parsePredictions,
  PREDICTIONS_SCHEMA,
  PredictionsError,
  type RunPredictions,
} from '../src/index.ts';

const pixels = encodePixels(new Uint8Array(784).fill(7));

const small: RunPredictions = {
  schema: PREDICTIONS_SCHEMA,
  runId: 'run',
  labels: '019',
  knn: [{ k: 5, weights: 'distance', metric: 'euclidean', standardised: false, predicted: '012' }],
  kCurve: [{ k: 1, weights: 'uniform', correct: 2 }],
  neighbors: [
    {
      index: 2,
      weights: 'distance',
      predicted: 2,
      neighbors: [{ index: 4, label: 2, distance: 9.5 }],
    },
  ],
  cnn: [
    {
      ...{ seed: 42, batchSize: 32, engine: 'onnx-cpu', predicted: '019' },
      probabilities: encodeProbabilities(new Float32Array(30).fill(0.1)),
    },
  ],
  erased: [{ index: 0, pixels }],
  images: [{ set: 'train', index: 0, label: 1, pixels }],
};

describe('encodings', () => {
  it('classes are one digit each', () => {
    expect(encodeClasses([0, 9, 10, 35])).toBe('09az');
    expect([...decodeClasses('09az')]).toEqual([0, 9, 10, 35]);
    expect(() => encodeClasses([36])).toThrow('from 0 to 35, not 36');
  });

  it('probabilities come back within half of 1/65535', () => {
    const values = [0, 1, 0.5, 1e-5, 0.123456, 0.999999];
    decodeProbabilities(encodeProbabilities(values)).forEach((p, i) => {
      expect(Math.abs(p - (values[i] ?? NaN))).toBeLessThanOrEqual(0.5 / 65_535);
    });
    // round(0.5 * 65535) = 32768 = 0x8000, little-endian
    expect(encodeProbabilities([0.5])).toBe(Buffer.from([0x00, 0x80]).toString('base64'));
  });

  it('pixels come back as they were', () => {
    expect(decodePixels(pixels)).toEqual(new Uint8Array(784).fill(7));
  });
});

describe('predictions.json', () => {
  it('comes back as it was written', () => {
    expect(parsePredictions(formatPredictions(small))).toEqual(small);
  });

  it.each([
    ['{', 'not-json', /^p\.json is not JSON/u],
    [{ ...small, labels: '0-9' }, 'invalid', /labels: expected one base-36 digit for each image/u],
    [{ ...small, labels: '01' }, 'invalid', /knn\[0\]\.predicted: expected 2 digits, .*, not 3 /u],
    [
      { ...small, cnn: [{ ...small.cnn[0], probabilities: 'AAAA' }] },
      'invalid',
      /cnn\[0\]\.probabilities: expected base64 of as many values for each of the 3 images/u,
    ],
    [
      { ...small, erased: [{ index: 0, pixels: 'AAAA' }] },
      'invalid',
      /erased\[0\]\.pixels: expected 784 bytes in base64/u,
    ],
  ] as const)('%#: one sentence with place and problem', (source, code, message) => {
    try {
      parsePredictions(source, 'p.json');
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof PredictionsError)) throw error;
      expect(error.code).toBe(code);
      expect(error.message).toMatch(message);
      expect(error.message).toMatch(/\.$/u);
    }
  });
});
