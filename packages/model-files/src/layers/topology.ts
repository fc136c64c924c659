/**
 * From the JSON of a Sequential model, in any of the three dialects, to layers with known shapes. Nothing is built
 * yet: TensorFlow.js draws initial weights while it builds, and a file that declares a billion of them must be
 * refused before.
 */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import {
  batchShapeSchema,
  entrySchema,
  inputLayerSchema,
  LAYER_KINDS,
  layerSchema,
  modelSchema,
  type LayerJson,
} from './layer-schema.ts';
import { MAX_FEATURES, MAX_WORK } from './limits.ts';
import { elements, outputShape, weightShapes, workOf, type WeightShape } from './shapes.ts';

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

const layerEntry = entrySchema(z.record(z.string(), z.unknown()));
const modelEntry = entrySchema(
  // Before Keras 2.2.3 the configuration was the list of layers itself.
  z.preprocess((config) => (Array.isArray(config) ? { layers: config } : config), z.unknown()),
);

/**
 * @param value what JSON.parse gave.
 * @param source of the model, at the beginning of a sentence: a path, say.
 * @param kind of model file, for messages: "of Keras".
 * @throws ModelFileError 'corrupt' for what is no such model, 'unsupported' for one that is not known here, or takes
 * more memory or arithmetic than is allowed.
 */
export function parseTopology(value: unknown, source: string, kind: string, at = ''): Topology {
  const model = parse(modelEntry, value, source, kind, at);
  if (model.class_name !== 'Sequential') {
    throw new ModelFileError(
      'unsupported',
      `${source} describes a ${model.class_name} model; only Sequential models can be read here.`,
    );
  }
  const config = parse(modelSchema, model.config, source, kind, `${at}config.`);
  const entries = config.layers.map((entry, i) =>
    parse(layerEntry, entry, source, kind, `layer ${i}, `),
  );
  const [first] = entries;
  if (first === undefined) throw new ModelFileError('corrupt', `${source} has no layers.`);
  const declared =
    first.config['batch_shape'] ?? first.config['batch_input_shape'] ?? config.build_input_shape;
  if (declared === undefined || declared === null) {
    throw new ModelFileError(
      'unsupported',
      `${source} does not say what images its model takes; build the model before it is saved.`,
    );
  }
  const input = parse(batchShapeSchema, declared, source, kind, 'the input shape');
  const layers: Layer[] = [];
  const names = new Set<string>();
  let shape: readonly number[] = input;
  let features = elements(input);
  let work = 0;
  for (const [i, entry] of entries.entries()) {
    const place = `layer ${i}, `;
    if (entry.class_name === 'InputLayer' && i === 0) {
      parse(inputLayerSchema, entry, source, kind, place);
      continue;
    }
    if (!LAYER_KINDS.includes(entry.class_name) || entry.class_name === 'InputLayer') {
      throw new ModelFileError(
        'unsupported',
        `${source} has a layer of the kind "${entry.class_name}"${entry.class_name === 'InputLayer' ? ' behind others' : ''}; known here are ${LAYER_KINDS.join(', ')}.`,
      );
    }
    const json = parse(layerSchema, entry, source, kind, place);
    if (!config.trainable) json.config.trainable = false;
    const layer = json.config.name;
    if (names.has(layer)) {
      throw new ModelFileError('corrupt', `${source} has two layers of the name "${layer}".`);
    }
    names.add(layer);
    checkBuilt(entry.build_config?.input_shape, shape, `${source}: layer "${layer}"`);
    const output = outputShape(json, shape, `${source}: layer "${layer}"`);
    const weights = weightShapes(json, shape);
    layers.push({ json, input: shape, output, weights });
    features += elements(output);
    work += workOf(json, weights, output);
    if (!(features <= MAX_FEATURES && work <= MAX_WORK)) {
      throw new ModelFileError(
        'unsupported',
        `The model in ${source} takes more ${features <= MAX_FEATURES ? 'arithmetic' : 'memory'} than is allowed here.`,
      );
    }
    shape = output;
  }
  if (layers.length === 0) throw new ModelFileError('corrupt', `${source} has no layers.`);
  return { name: config.name, input, layers };
}

/** What Keras 3 says of a layer's input once more. */
function checkBuilt(
  built: readonly (number | null)[] | undefined,
  input: readonly number[],
  at: string,
): void {
  const sizes = built?.slice(1);
  if (
    !sizes ||
    (sizes.length === input.length && sizes.every((n, i) => n === null || n === input[i]))
  ) {
    return;
  }
  throw new ModelFileError(
    'corrupt',
    `${at} was built for an input of [${sizes.join(', ')}], but gets [${input.join(', ')}].`,
  );
}

/**
 * Codes of zod for a value that some model may well have, and that is not known here. Numbers out of their range, or
 * things of another type altogether, are no model's.
 */
const FOREIGN: readonly string[] = [
  ...['custom', 'invalid_union', 'invalid_value', 'unrecognized_keys'],
];

/** @throws ModelFileError: 'unsupported' for a choice that is not known here, 'corrupt' for anything else. */
export function parse<T>(
  schema: z.ZodType<T>,
  value: unknown,
  source: string,
  kind: string,
  at = '',
): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = `${at}${issue?.path.join('.') ?? ''}` || 'it';
  const isObject = typeof issue?.input === 'object' && issue.input !== null;
  const foreign = issue && (FOREIGN.includes(issue.code) || (at !== '' && isObject));
  throw new ModelFileError(
    foreign ? 'unsupported' : 'corrupt',
    `${source} ${foreign ? 'cannot be used here' : `is not a model ${kind}`}: ${where} does not fit (${issue?.message ?? 'unknown'}).`,
  );
}

/** Whether what comes out are logits, of which a softmax makes probabilities: the last activation is linear. */
export function endsInLogits({ layers }: Topology): boolean {
  const last = layers.findLast(({ json }) => !['Dropout', 'Flatten'].includes(json.class_name));
  return !last || !('activation' in last.json.config) || last.json.config.activation === 'linear';
}
