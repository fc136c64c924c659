/** Text to `predictions.json` and back: checked in both directions, as records are. */

import { z } from 'zod';
import { PredictionsError } from './errors.ts';
import { PREDICTIONS_SCHEMA, type RunPredictions } from './predictions.ts';
import { formatAs, parseAs } from './record-file.ts';
import { count, exactly, list, positive, seed, text } from './schema-parts.ts';

const IMAGE_BYTES = 28 * 28;

/** Bytes behind a base64 text, or -1 when it is none. */
function base64Bytes(value: string): number {
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(value) || value.length % 4 !== 0) return -1;
  return (value.length / 4) * 3 - (value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0);
}

const classes = z.string().regex(/^[0-9a-z]*$/u, 'expected one base-36 digit for each image');
const pixels = z
  .string()
  .refine((value) => base64Bytes(value) === IMAGE_BYTES, `expected ${IMAGE_BYTES} bytes in base64`);
const weights = z.enum(['uniform', 'distance']);

const schema: z.ZodType<RunPredictions, RunPredictions> = exactly<RunPredictions>()(
  z
    .strictObject({
      schema: z.literal(PREDICTIONS_SCHEMA),
      runId: text,
      labels: classes,
      knn: list(
        z.strictObject({
          k: positive,
          weights,
          metric: text,
          standardised: z.boolean(),
          predicted: classes,
        }),
      ),
      kCurve: list(z.strictObject({ k: positive, weights, correct: count })),
      neighbors: list(
        z.strictObject({
          index: count,
          weights,
          predicted: count,
          neighbors: list(
            z.strictObject({ index: count, label: count, distance: z.number().nonnegative() }),
          ),
        }),
      ),
      cnn: list(
        z.strictObject({
          seed,
          batchSize: positive,
          engine: text,
          predicted: classes,
          probabilities: z.string(),
        }),
      ),
      erased: list(z.strictObject({ index: count, pixels })),
      images: list(
        z.strictObject({ set: z.enum(['train', 'test']), index: count, label: count, pixels }),
      ),
    })
    .superRefine(({ labels, knn, cnn }, context) => {
      const total = labels.length;
      for (const [name, entries] of [
        ['knn', knn],
        ['cnn', cnn],
      ] as const) {
        entries.forEach(({ predicted }, index) => {
          if (predicted.length === total) return;
          context.addIssue({
            code: 'custom',
            path: [name, index, 'predicted'],
            message: `expected ${total} digits, as many as labels, not ${predicted.length}`,
          });
        });
      }
      cnn.forEach(({ probabilities }, index) => {
        const values = base64Bytes(probabilities) / 2;
        if (values > 0 && values % total === 0) return;
        context.addIssue({
          code: 'custom',
          path: ['cnn', index, 'probabilities'],
          message: `expected base64 of as many values for each of the ${total} images`,
        });
      });
    }),
);

const format = {
  schema,
  invalid: 'does not hold valid predictions',
  advice: 'run the bench again, or move the file away to make the report without it',
  Refusal: PredictionsError,
};

/**
 * Reads the predictions of a run and checks them.
 *
 * @param source the text of `predictions.json`, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws PredictionsError `not-json` when a text is no JSON, `invalid` with the path of the first
 *   wrong value otherwise
 */
export function parsePredictions(source: unknown, where = 'the predictions'): RunPredictions {
  return parseAs(format, source, where);
}

/**
 * The text of `predictions.json`: checked, indented by one space, ending in a newline.
 *
 * @throws PredictionsError `invalid` with the path of the first wrong value
 */
export function formatPredictions(predictions: RunPredictions): string {
  return formatAs(format, predictions, 'the predictions to be written', 1);
}
