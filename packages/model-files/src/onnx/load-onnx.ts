/** An ONNX file as `exportOnnx` writes it, back as a model that a session may run, whatever the file tried. */
import { decodeModel, GraphError, type DecodeLimits, type OnnxModel } from '@fashion-bench/onnx';
import { z } from 'zod';
import { checkPath } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { readWhole } from '../files.ts';
import { MAX_FEATURES, MAX_WEIGHT_BYTES, MAX_WORK } from '../layers/limits.ts';
import { CLASS_NAMES, ONNX_BATCH, ONNX_INPUT, ONNX_OUTPUT } from './names.ts';

export interface LoadedOnnx {
  /** Built anew from the file's nodes; only its weights are the file's. */
  readonly model: OnnxModel;
  /** Without the batch: [rows, columns, channels] or [units]. */
  readonly input: readonly number[];
  readonly classes: number;
  readonly classNames: readonly string[] | undefined;
}

const WINDOWS = ['kernel_shape', 'strides', 'pads'];
/** What layers become (layers/kinds, activations.ts). */
const LIMITS: DecodeLimits = {
  operators: {
    ...{ Add: [], Div: [], Max: [], Min: [], Mul: [], Sub: [], Sum: [] },
    ...{ Clip: [], Elu: [], Erf: [], Relu: [], Selu: [], Sigmoid: [], Softplus: [], Softsign: [] },
    ...{ LeakyRelu: ['alpha'], Sqrt: [], Tanh: [], ThresholdedRelu: ['alpha'] },
    ...{ Conv: [...WINDOWS, 'dilations', 'group'], AveragePool: WINDOWS, MaxPool: WINDOWS },
    ...{ MatMul: [], ReduceMax: ['keepdims'], ReduceMean: ['keepdims'], Softmax: ['axis'] },
    ...{ Concat: ['axis'], Expand: [], Identity: [], Pad: [], Reshape: [], Transpose: ['perm'] },
  },
  nodes: 10_000,
  // A layer is more than one node.
  elements: 2 * MAX_FEATURES,
  size: { fields: 2 ** 19, rawBytes: MAX_WEIGHT_BYTES },
  work: MAX_WORK,
};

const namesSchema = z.array(z.string().max(1000));

/**
 * Reads what `exportOnnx` has written: its operators, its opset, its one input and one output. Every node is checked and
 * built anew (`decodeModel` of `@fashion-bench/onnx`), so that onnxruntime never sees the file itself.
 *
 * @throws ModelFileError 'not-found', 'corrupt', 'unsupported', 'permission' or 'disk'.
 */
export async function loadOnnx(path: string): Promise<LoadedOnnx> {
  checkPath(path);
  return onnxOf(await readWhole(path, 'give the path of an .onnx file'), path);
}

function onnxOf(bytes: Uint8Array, path: string): LoadedOnnx {
  try {
    const { model, metadata } = decodeModel(bytes, LIMITS);
    const [input, ...inputs] = model.inputs;
    const [output, ...outputs] = model.outputs;
    const classes = output?.shape[1];
    const shape = input?.shape.slice(1).filter((size) => typeof size === 'number') ?? [];
    if (
      inputs.length + outputs.length > 0 ||
      input?.name !== ONNX_INPUT ||
      output?.name !== ONNX_OUTPUT ||
      [input, output].some((v) => v.dtype !== 'float32' || v.shape[0] !== ONNX_BATCH) ||
      shape.length !== input.shape.length - 1 ||
      shape.length < 1 ||
      shape.length > 3 ||
      output.shape.length !== 2 ||
      typeof classes !== 'number'
    ) {
      throw new GraphError(
        `it has not the one input "${ONNX_INPUT}" and the one output "${ONNX_OUTPUT}" of a classifier`,
      );
    }
    return { model, input: shape, classes, classNames: classNamesIn(metadata, classes) };
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new ModelFileError(
      'corrupt',
      `${path} is no ONNX file as exportOnnx writes it: ${error.message.replaceAll(/\s+/g, ' ')}.`,
      { cause: error },
    );
  }
}

function classNamesIn(
  metadata: ReadonlyMap<string, string>,
  classes: number,
): readonly string[] | undefined {
  const text = metadata.get(CLASS_NAMES);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new GraphError(`its metadata "${CLASS_NAMES}" is no JSON`);
  }
  const names = namesSchema.safeParse(value);
  if (names.success && names.data.length === classes) return names.data;
  throw new GraphError(`its metadata "${CLASS_NAMES}" is no list of ${classes} names`);
}
