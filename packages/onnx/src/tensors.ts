/**
 * Tensors on their way to onnxruntime and back. What does not fit the model is refused here, by name: onnxruntime
 * itself ignores unknown names, and mostly does not say which tensor it complains about.
 */
import { isDType, isStorageOf } from './dtypes.ts';
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

/** @throws SessionError unless every input is fed. */
export function checkFed(feeds: Readonly<Record<string, unknown>>, inputs: Ports): void {
  for (const [name, port] of inputs) {
    if (!Object.hasOwn(feeds, name)) {
      throw new SessionError(`the input ${describe(port)} is missing in the feeds`);
    }
  }
}

/**
 * Wraps tensors without copying them.
 * @throws SessionError where a name is unknown, or a tensor fits neither itself nor the model.
 */
export function toTensors(
  Tensor: TensorClass,
  values: TensorMap,
  kind: 'input' | 'output',
  ports: Ports,
): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(values)) {
    const { dtype, shape, data } = value;
    const port = ports.get(name);
    if (!port) {
      const known = Array.from(ports.values(), describe).join(', ');
      throw new SessionError(`there is no ${kind} "${name}"; the graph has ${known}`);
    }
    const problem = problemOf(value) ?? misfitOf(value, port);
    if (problem !== undefined) {
      throw new SessionError(
        `${kind} "${name}", given as ${dtype}${formatShape(shape)}: ${problem}`,
      );
    }
    tensors[name] = new Tensor(dtype, data, shape);
  }
  return tensors;
}

/** What is wrong with a tensor in itself. */
function problemOf({ dtype, shape, data }: TensorValue): string | undefined {
  const held = data.constructor.name;
  if (!isStorageOf(data, dtype)) return `${held} does not hold ${dtype}`;
  if (data.length !== elementCount(shape)) return `its data has ${data.length} elements`;
  if (data.buffer instanceof SharedArrayBuffer) {
    return 'onnxruntime-node cannot read shared memory; give a copy';
  }
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
