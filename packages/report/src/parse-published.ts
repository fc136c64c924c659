/** Reads and checks `benchmarks/published.json`; types and schema are compared by the compiler. */

import { z } from 'zod';
import { PublishedError } from './errors.ts';
import { PUBLISHED_SCHEMA, type Published } from './published.ts';
import { parseAs } from './record-file.ts';
import { exactly, fraction, list, positive, text } from './schema-parts.ts';

const base = {
  id: z.string().regex(/^[a-z0-9-]+$/, 'expected lower-case letters, digits and hyphens'),
  role: z.enum(['study', 'benchmark', 'context']),
  classifier: text,
  accuracy: fraction,
  preprocessing: text,
  parameters: text.nullable(),
  source: text,
  url: z.url({ protocol: /^https?$/ }).nullable(),
  qualifier: text.nullable(),
  note: text.nullable(),
};

const knnRecipe = z.strictObject({
  k: positive,
  weights: z.enum(['uniform', 'distance']),
  metric: text,
  standardised: z.boolean(),
});

const cnnRecipe = z.strictObject({
  parameters: positive,
  optimizer: text,
  learningRate: z.number().positive().exactOptional(),
  batchSize: positive,
  epochs: positive.nullable(),
  augment: z.enum(['once', 'epoch', 'none']),
  p: fraction.nullable(),
});

const figure = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('knn'), recipe: knnRecipe.nullable() }),
  z.strictObject({ ...base, kind: z.literal('cnn'), recipe: cnnRecipe.nullable() }),
  z.strictObject({ ...base, kind: z.literal('other'), recipe: z.null() }),
]);

const publishedSchema: z.ZodType<Published, Published> = exactly<Published>()(
  z
    .strictObject({
      schema: z.literal(PUBLISHED_SCHEMA),
      figures: list(figure),
      caveat: text,
    })
    .refine(({ figures }) => new Set(figures.map(({ id }) => id)).size === figures.length, {
      path: ['figures'],
      message: 'expected every id only once',
    }),
);

const format = {
  schema: publishedSchema,
  invalid: 'does not hold valid published figures',
  Refusal: PublishedError,
};

/**
 * Reads the published figures and checks them.
 *
 * @param source the text of `published.json`, or the value parsed from it
 * @param where what to call it in error messages, usually the file's path
 * @throws PublishedError `not-json` when a text is no JSON, `invalid` with the path of the first
 *   wrong value otherwise
 */
export function parsePublished(source: unknown, where = 'the published figures'): Published {
  return parseAs(format, source, where);
}
