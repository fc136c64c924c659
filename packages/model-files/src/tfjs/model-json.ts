/** What stands in a model.json of TensorFlow.js' layers format: the layers, and which weights lie in which files. */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import { parseJson } from '../layers/json.ts';
import { MAX_NAMES } from '../layers/limits.ts';
import { parse } from '../layers/parse.ts';
import { parseTopology, type Topology } from '../layers/topology.ts';

/** Names that TensorFlow.js gives to the files of a model. */
export const MODEL_JSON = 'model.json';
export const WEIGHTS_BIN = 'weights.bin';

export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** Of the optimizer's memory: there, but no weight of the model. */
  readonly ofOptimizer: boolean;
}

export interface ModelJson {
  readonly topology: Topology;
  readonly userDefinedMetadata: Readonly<Record<string, unknown>> | undefined;
  /** Names of the files beside model.json that hold the weights; together they are one run of bytes. */
  readonly files: readonly string[];
  /** What the bytes mean, in their order; 4 bytes for every element. */
  readonly weights: readonly WeightEntry[];
}

const unknownRecord = z.record(z.string(), z.unknown());
// Some writers put "./" before the name. Anything else that could lead out of the folder is refused.
const fileName = z
  .string()
  .regex(/^(\.\/)?(?!\.{1,2}$)[^/\\\0]+$/, 'must be a file name')
  .transform((name) => name.replace(/^\.\//, ''));
const weightSchema = z.object({
  name: z.string(),
  shape: z.array(z.number().int().nonnegative()),
  dtype: z.string(),
  group: z.string().optional(),
  quantization: z.unknown().optional(),
});
/** Counted before the entries are looked at. */
const list = <T extends z.ZodType>(entry: T) =>
  z.array(z.unknown()).max(MAX_NAMES).pipe(z.array(entry));
const groupSchema = z.object({ paths: list(fileName), weights: list(weightSchema) });
const modelJsonSchema = z.object({
  format: z.string().optional(),
  modelTopology: unknownRecord,
  weightsManifest: list(groupSchema).optional(),
  userDefinedMetadata: unknownRecord.optional(),
});
const KIND = 'of TensorFlow.js';

/**
 * @param path for messages.
 * @throws ModelFileError 'corrupt' for what is no model.json, 'unsupported' for another kind of model.
 */
export function parseModelJson(text: string, path: string): ModelJson {
  const { format, modelTopology, userDefinedMetadata, ...rest } = parse(
    modelJsonSchema,
    jsonOf(text, path),
    { source: path, kind: KIND },
  );
  if (format !== undefined && format !== 'layers-model') {
    throw new ModelFileError(
      'unsupported',
      `${path} describes a model of the format "${format}"; only "layers-model" can be read here.`,
    );
  }
  // Models converted from Keras are wrapped once more.
  const wrapped = 'model_config' in modelTopology;
  const model = wrapped ? modelTopology['model_config'] : modelTopology;
  const at = wrapped ? 'modelTopology.model_config.' : 'modelTopology.';
  const groups = rest.weightsManifest ?? [];
  const files = groups.flatMap(({ paths }) => paths);
  if (files.length > MAX_NAMES) {
    throw new ModelFileError('corrupt', `${path} names ${files.length} files of weights.`);
  }
  return {
    topology: parseTopology(model, path, KIND, at),
    userDefinedMetadata,
    files,
    weights: groups.flatMap(({ weights }) => weights.map((weight) => weightEntry(weight, path))),
  };
}

function jsonOf(text: string, path: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'is not JSON';
    throw new ModelFileError('corrupt', `${path} ${why}; save the model again.`, {
      cause: error,
    });
  }
}

function weightEntry(
  { name, shape, dtype, group, quantization }: z.infer<typeof weightSchema>,
  path: string,
): WeightEntry {
  const ofOptimizer = group === 'optimizer';
  const fourBytes = dtype === 'float32' || (ofOptimizer && dtype === 'int32');
  if (!fourBytes || quantization !== undefined) {
    throw new ModelFileError(
      'unsupported',
      `The weight "${name}" in ${path} is ${quantization === undefined ? dtype : 'quantized'}; only plain float32 can be read here.`,
    );
  }
  return { name, shape, ofOptimizer };
}
