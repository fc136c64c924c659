/**
 * Tensors on their way to onnxruntime and back. What does not fit the model is refused here, by name: onnxruntime
 * itself ignores unknown names, and mostly does not say which tensor it complains about.
 */
import { types } from 'node:util';
import { isObject, shown } from './checks.ts';
import { isDType, isStorageOf, nativeStorage } from './dtypes.ts';
import { SessionError } from './errors.ts';
import type { InferenceSession, Tensor, TensorClass } from './onnxruntime.ts';
import { elementCount, formatShape } from './shapes.ts';
import type { TensorValue } from './types.ts';

/** Feeds or fetches by name. */
export type TensorMap = Readonly<Record<string, TensorValue>>;

/** What a loaded model says of its inputs or its outputs. */
export type Ports = ReadonlyMap<string, InferenceSession.ValueMetadata>;

export function portsOf(metadata: readonly InferenceSession.ValueMetadata[]): Ports {
  return new Map(metadata.map((port) => [port.name, port]));
}

function describe(port: InferenceSession.ValueMetadata): string {
  return port.isTensor ? `"${port.name}" ${port.type}${formatShape(port.shape)}` : `"${port.name}"`;
}

/** @param what is such a record, in words. */
function checkMap(values: unknown, what: string): void {
  if (isObject(values)) return;
  throw new SessionError(`the ${what} must be an object of tensors by name, not ${shown(values)}`);
}

/** @throws SessionError unless every input is fed. */
export function checkFed(feeds: Readonly<Record<string, unknown>>, inputs: Ports): void {
  checkMap(feeds, 'feeds');
  for (const [name, port] of inputs) {
    if (!Object.hasOwn(feeds, name)) {
      throw new SessionError(`the input ${describe(port)} is missing in the feeds`);
    }
  }
}

/**
 * Wraps tensors without copying them, but for shared memory, which the binding does not take.
 * @throws SessionError where a name is unknown, or a tensor fits neither itself nor the model.
 */
export function toTensors(
  Tensor: TensorClass,
  values: TensorMap,
  kind: 'input' | 'output',
  ports: Ports,
): Record<string, Tensor> {
  checkMap(values, `${kind}s`);
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(values)) {
    const port = ports.get(name);
    if (!port) {
      const known = Array.from(ports.values(), describe).join(', ');
      throw new SessionError(`there is no ${kind} "${name}"; the graph has ${known}`);
    }
    checkTensor(`${kind} "${name}"`, value);
    const { dtype, shape, data } = value;
    const problem = problemOf(value) ?? misfitOf(value, port);
    if (problem !== undefined) {
      throw new SessionError(
        `${kind} "${name}", given as ${dtype}${formatShape(shape)}: ${problem}`,
      );
    }
    tensors[name] = new Tensor(dtype, nativeStorage(data, dtype), shape);
  }
  return tensors;
}

function checkTensor(what: string, value: unknown): void {
  const { dtype, shape, data } = isObject(value) ? value : {};
  if (
    typeof dtype === 'string' &&
    isDType(dtype) &&
    Array.isArray(shape) &&
    ArrayBuffer.isView(data)
  )
    return;
  throw new SessionError(`${what} must be a tensor { dtype, shape, data }, not ${shown(value)}`);
}

/** What is wrong with a tensor in itself. */
function problemOf({ dtype, shape, data }: TensorValue): string | undefined {
  const held = data.constructor.name;
  if (!isStorageOf(data, dtype)) return `${held} does not hold ${dtype}`;
  if (data.length !== elementCount(shape)) return `its data has ${data.length} elements`;
  return undefined;
}

/** Where a tensor differs from what the model says. A shape of length 0 may mean "any", so it is not compared. */
function misfitOf(
  { dtype, shape }: TensorValue,
  port: InferenceSession.ValueMetadata,
): string | undefined {
  if (!port.isTensor) return 'it is no tensor in the model';
  const fits =
    port.shape.length === 0 ||
    (port.shape.length === shape.length &&
      port.shape.every((size, i) => typeof size === 'string' || size === shape[i]));
  return dtype === port.type && fits ? undefined : `the model has ${describe(port)}`;
}

/** Brings a result from the memory that the binding wrote to into the caller's, where that is shared. */
export function copyBack(written: Tensor | null | undefined, { data }: TensorValue): void {
  if (!written || !types.isSharedArrayBuffer(data.buffer)) return;
  const { buffer, byteOffset, byteLength } = data;
  new Uint8Array(buffer, byteOffset, byteLength).set(bytesOf(written.data));
}

function bytesOf(data: Tensor['data']): Uint8Array {
  if (!ArrayBuffer.isView(data)) return new Uint8Array(0);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** @throws SessionError unless it is a tensor of a known dtype on the CPU. */
export function fromTensor(
  name: string,
  tensor: InferenceSession.OnnxValueMapType[string],
): TensorValue {
  if (!isDType(tensor.type)) {
    throw new SessionError(`output "${name}" is no tensor of a type that this package knows`);
  }
  const { data } = tensor;
  if (!isStorageOf(data, tensor.type)) throw new SessionError(`output "${name}" is not in memory`);
  return { dtype: tensor.type, shape: tensor.dims, data };
}
