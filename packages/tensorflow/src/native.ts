/**
 * The native addon of @tensorflow/tfjs-node-gpu as it is: C functions over TensorFlow's eager API (binding/tfjs_binding.cc).
 * It is used without the package's JavaScript, which would register a backend for all of TensorFlow.js, knows no uint8,
 * and calls functions that Node 23 no longer has.
 */
import { TensorflowError } from './errors.ts';

/** A tensor's number in the addon. It lives until it is deleted. */
export type TensorId = number;

export type NativeArray = Float32Array | Int32Array | Uint8Array;

/** One attribute of an operation, with the addon's number for its kind. */
export interface NativeAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: string | number | boolean | readonly number[];
}

const CONSTANTS = [
  ...['TF_FLOAT', 'TF_INT32', 'TF_INT64', 'TF_UINT8', 'TF_BOOL'],
  ...[
    'TF_ATTR_STRING',
    'TF_ATTR_INT',
    'TF_ATTR_FLOAT',
    'TF_ATTR_BOOL',
    'TF_ATTR_TYPE',
    'TF_ATTR_SHAPE',
  ],
] as const;

const FUNCTIONS = [
  'createTensor',
  'deleteTensor',
  'tensorDataSync',
  'executeOp',
  'isUsingGpuDevice',
  'getNumOfTensors',
] as const;

export interface NativeBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_UINT8: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
  createTensor(shape: readonly number[], dtype: number, data: NativeArray): TensorId;
  deleteTensor(id: TensorId): void;
  /** A copy of the tensor's values, from the device where there is one: it waits for all work before it. */
  tensorDataSync(id: TensorId): unknown;
  executeOp(
    name: string,
    attributes: readonly NativeAttribute[],
    inputs: readonly TensorId[],
    outputs: number,
  ): readonly { readonly id: TensorId }[];
  isUsingGpuDevice(): boolean;
  /** All tensors of this thread that are alive. */
  getNumOfTensors(): number;
}

function isNativeBinding(value: unknown): value is NativeBinding {
  if (typeof value !== 'object' || value === null) return false;
  const has = (name: string, type: string): boolean => typeof Reflect.get(value, name) === type;
  return (
    FUNCTIONS.every((name) => has(name, 'function')) &&
    CONSTANTS.every((name) => has(name, 'number')) &&
    has('TF_Version', 'string')
  );
}

/** @throws TensorflowError 'load' for an addon that is something else. */
export function asNativeBinding(loaded: unknown, path: string): NativeBinding {
  if (isNativeBinding(loaded)) return loaded;
  throw new TensorflowError(
    'load',
    `${path} is not the addon of @tensorflow/tfjs-node-gpu 4.22; build it again with pnpm engine:tensorflow --from DIR.`,
  );
}
