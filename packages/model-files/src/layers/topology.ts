/**
 * From the JSON of a Sequential model, in any of the three dialects, to layers with known shapes. Nothing is built
 * yet: TensorFlow.js draws initial weights while it builds, and a file that declares a billion of them must be
 * refused before.
 */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import { batchShapeSchema, LAYER_KINDS, layerSchema, type LayerJson } from './layer-schema.ts';
import { outputShape, weightShapes, type WeightShape } from './shapes.ts';

export interface Layer {
  readonly json: LayerJson;
  /** Without the batch: [rows, columns, channels] or [units]. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** In the order of Keras' and TensorFlow.js' `weights`. */
  readonly weights: readonly WeightShape[];
}

export interface Topology {
  readonly name: string;
  readonly input: readonly number[];
  /** Never empty. */
  readonly layers: readonly Layer[];
}

const record = z.record(z.string(), z.unknown());
const entrySchema = z.object({ class_name: z.string(), config: record });
const MAX_LAYERS = 1000;
const layersSchema = z.array(entrySchema).max(MAX_LAYERS);
const sequentialSchema = z.object({
  class_name: z.string(),
  // Before Keras 2.2.3 the configuration was the list of layers itself.
  config: z.preprocess(
    (config) => (Array.isArray(config) ? { layers: config } : config),
    z.object({
      name: z.string().default('sequential'),
      layers: layersSchema,
      build_input_shape: z.unknown().optional(),
    }),
  ),
});

/**
 * @param value what JSON.parse gave.
 * @param source of the model, at the beginning of a sentence: a path, say.
 * @param kind of model file, for messages: "of Keras".
 * @throws ModelFileError 'corrupt' for what is no such model, 'unsupported' for one that is not known here.
 */
export function parseTopology(value: unknown, source: string, kind: string, at = ''): Topology {
  const { class_name: className, config } = parse(sequentialSchema, value, source, kind, at);
  if (className !== 'Sequential') {
    throw new ModelFileError(
      'unsupported',
      `${source} describes a ${className} model; only Sequential models can be read here.`,
    );
  }
  const { name, layers: entries } = config;
  const [first] = entries;
  if (first === undefined) throw new ModelFileError('corrupt', `${source} has no layers.`);
  const declared =
    first.config['batch_shape'] ?? first.config['batch_input_shape'] ?? config.build_input_shape;
  const input = parse(batchShapeSchema, declared, source, kind, 'the input shape');
  const layers: Layer[] = [];
  const names = new Set<string>();
  let shape: readonly number[] = input;
  for (const [i, entry] of entries.entries()) {
    if (entry.class_name === 'InputLayer' && i === 0) continue;
    const json = parseLayer(entry, source, kind, `layer ${i}, `);
    const layer = json.config.name;
    if (names.has(layer)) {
      throw new ModelFileError('corrupt', `${source} has two layers of the name "${layer}".`);
    }
    names.add(layer);
    const output = outputShape(json, shape, `${source}: layer "${layer}"`);
    layers.push({ json, input: shape, output, weights: weightShapes(json, shape) });
    shape = output;
  }
  if (layers.length === 0) throw new ModelFileError('corrupt', `${source} has no layers.`);
  return { name, input, layers };
}

function parseLayer(
  entry: z.infer<typeof entrySchema>,
  source: string,
  kind: string,
  at: string,
): LayerJson {
  if (LAYER_KINDS.includes(entry.class_name) && entry.class_name !== 'InputLayer') {
    return parse(layerSchema, entry, source, kind, at);
  }
  throw new ModelFileError(
    'unsupported',
    `${source} has a layer of the kind "${entry.class_name}"; known here are ${LAYER_KINDS.join(', ')}.`,
  );
}

/** @throws ModelFileError: 'unsupported' for a choice that is not known here, 'corrupt' for anything else. */
export function parse<T>(
  schema: z.ZodType<T>,
  value: unknown,
  source: string,
  kind: string,
  at = '',
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = `${at}${issue?.path.join('.') ?? ''}` || 'it';
  const known = issue?.code !== 'invalid_value';
  throw new ModelFileError(
    known ? 'corrupt' : 'unsupported',
    known
      ? `${source} is not a model ${kind}: ${where} does not fit (${issue?.message ?? 'unknown'}).`
      : `${source} cannot be used here: ${where} (${issue.message}).`,
  );
}

/** Number of elements of a shape. */
export function elements(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
