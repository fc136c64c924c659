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

/** Of files that try to exhaust the machine, each in a process of its own: the promise of the README. */
const exhausting = z.strictObject({
  outcome: z.enum(['loaded', 'refused', 'refusedPredicting']),
  seconds: z.number().positive().max(30),
  peakBytes: count.max(2 ** 30),
});

export const fuzzRecord = z.strictObject({
  schema: z.literal('fashion-bench/fuzz-model-files@2'),
  startedAt: z.iso.datetime(),
  seed: count,
  machine: z.strictObject({ processor: z.string(), cores: count, memoryBytes: count }),
  versions: z.record(z.string(), z.string()),
  exhausting: z.record(z.string(), exhausting),
  formats: z.strictObject({ 'keras-h5': counts, onnx: counts, tfjs: counts }),
});
