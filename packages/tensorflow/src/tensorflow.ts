/**
 * TensorFlow's operations with typed attributes, and tensors that are freed by scope. Operations run at once and in the
 * calling thread (eager execution); on a GPU they are queued there, and reading a tensor waits for them.
 */
import { types } from 'node:util';
import { type Attribute, nativeAttributes } from './attributes.ts';
import { clause, TensorflowError } from './errors.ts';
import type { NativeArray, NativeBinding, TensorId } from './native.ts';

/** One operation with fixed attributes, to be run many times. */
export type Operation = (...inputs: readonly TensorId[]) => TensorId;
/** The same with several outputs, or none. */
export type MultiOperation = (...inputs: readonly TensorId[]) => readonly TensorId[];

export class Tensorflow {
  readonly #native: NativeBinding;
  /** TensorFlow's own version, such as 2.21.0. */
  readonly version: string;
  /** Whether operations run on a GPU. */
  readonly gpu: boolean;
  /** What was made since the innermost scope began; undefined outside of every scope. */
  #scope: TensorId[] | undefined;

  constructor(native: NativeBinding) {
    this.#native = native;
    this.version = native.TF_Version;
    this.gpu = native.isUsingGpuDevice();
  }

  /** Tensors of this thread that are alive. */
  get tensorCount(): number {
    return this.#native.getNumOfTensors();
  }

  /**
   * A tensor of float32, int32 or uint8, as the array is. TensorFlow may use the array's memory instead of a copy: it
   * must not change until the tensor is freed.
   * @param shape row-major; its product is the array's length.
   */
  tensor(data: NativeArray, shape: readonly number[]): TensorId {
    const { TF_FLOAT, TF_INT32, TF_UINT8 } = this.#native;
    const dtype = types.isFloat32Array(data)
      ? TF_FLOAT
      : types.isInt32Array(data)
        ? TF_INT32
        : TF_UINT8;
    const id = this.#guard('createTensor', () => this.#native.createTensor(shape, dtype, data));
    this.#scope?.push(id);
    return id;
  }

  /** An operation of TensorFlow by name, such as MatMul, with one output. */
  operation(name: string, attributes: Readonly<Record<string, Attribute>>): Operation {
    const run = this.multiOperation(name, attributes, 1);
    return (...inputs) => {
      const [output] = run(...inputs);
      if (output === undefined) throw new TensorflowError('operation', `${name} gave no output.`);
      return output;
    };
  }

  /** @param outputs how many the operation has; 0 for one that only changes a variable. */
  multiOperation(
    name: string,
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
  ): MultiOperation {
    const native = this.#native;
    const list = nativeAttributes(native, attributes);
    return (...inputs) => {
      const made = this.#guard(name, () => native.executeOp(name, list, inputs, outputs));
      const ids = made.map(({ id }) => id);
      this.#scope?.push(...ids);
      return ids;
    };
  }

  /**
   * A copy of a tensor's values: uint8 for bool. Waits until they are computed.
   * @throws TensorflowError 'operation' for a type that has no such array.
   */
  read(id: TensorId): NativeArray {
    const data = this.#guard('read', () => this.#native.tensorDataSync(id));
    if (types.isFloat32Array(data) || types.isInt32Array(data) || types.isUint8Array(data))
      return data;
    throw new TensorflowError('operation', 'Only float32, int32 and bool tensors can be read.');
  }

  /** As `read`. @throws TensorflowError 'operation' where the tensor is not float32. */
  readFloats(id: TensorId): Float32Array {
    const data = this.read(id);
    if (types.isFloat32Array(data)) return data;
    throw new TensorflowError('operation', 'The tensor is not float32.');
  }

  free(id: TensorId): void {
    this.#guard('deleteTensor', () => {
      this.#native.deleteTensor(id);
    });
  }

  /**
   * Runs `work` and frees every tensor that it made, also when it throws. Scopes nest.
   * @param kept the tensors that outlive this scope; they belong to the one around it, or to the caller.
   */
  scope<T>(work: () => T, kept: (result: T) => readonly TensorId[] = () => []): T {
    const outer = this.#scope;
    const mine: TensorId[] = [];
    this.#scope = mine;
    const spared = new Set<TensorId>();
    try {
      const result = work();
      for (const id of kept(result)) spared.add(id);
      outer?.push(...spared);
      return result;
    } finally {
      this.#scope = outer;
      for (const id of mine) if (!spared.has(id)) this.#native.deleteTensor(id);
    }
  }

  #guard<T>(name: string, call: () => T): T {
    try {
      return call();
    } catch (cause) {
      throw new TensorflowError('operation', `TensorFlow: ${name}: ${statusOf(cause)}.`, { cause });
    }
  }
}

/** "Invalid TF_Status: 3\nMessage: In[0] mismatch…" without its first line. */
function statusOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return clause(/^Message: (.*)$/m.exec(text)?.[1] ?? text);
}
