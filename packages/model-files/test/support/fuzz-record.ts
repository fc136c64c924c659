// What a long fuzz leaves behind: benchmarks/results/fuzz-model-files/record.json.
import { z } from 'zod';

/** The promise, for each format. */
export const FILES = 10_000;

const count = z.int().nonnegative();
const counts = z
  .strictObject({
    files: z.int().min(FILES),
    loaded: count.positive(),
    refused: count.positive(),
    refusedPredicting: count,
    threadsLost: count,
    tensorsLeft: z.literal(0),
    violations: z.array(z.string()).max(0),
    slowestSeconds: z.number().positive(),
    seconds: z.number().positive(),
  })
  .refine(
    ({ files, loaded, refused, refusedPredicting }) =>
      loaded + refused + refusedPredicting === files,
    'every file is counted once',
  );

export const fuzzRecord = z.strictObject({
  schema: z.literal('fashion-bench/fuzz-model-files@1'),
  startedAt: z.iso.datetime(),
  seed: count,
  machine: z.strictObject({ processor: z.string(), cores: count, memoryBytes: count }),
  versions: z.record(z.string(), z.string()),
  formats: z.strictObject({ 'keras-h5': counts, onnx: counts, tfjs: counts }),
});
