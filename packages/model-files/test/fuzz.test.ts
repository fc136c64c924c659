// The short fuzz; scripts/fuzz.ts does the long one. Nothing but clean refusals and correct loads.
import { expect, test } from 'vitest';
import { fuzz } from './support/fuzz.ts';

test.each(['keras-h5', 'onnx', 'tfjs'] as const)('60 mutated files: %s', async (format) => {
  const counts = await fuzz(format, 60, 42);
  expect(counts).toMatchObject({ files: 60, violations: [], tensorsLeft: 0 });
  expect(counts.loaded + counts.refused + counts.refusedPredicting).toBe(60);
  expect(counts.loaded).toBeGreaterThan(2);
  expect(counts.refused).toBeGreaterThan(10);
});
