/**
 * A session whose outputs stay in the memory of a device (onnxruntime's WebGPU provider), to be fed to the next run
 * without crossing the bus.
 *
 * What is read back is named when the session is made: in onnxruntime-node 1.30 `getData()` of a tensor on the device
 * ends the process, so this package never calls it. To read a tensor later, run it through a session (an Identity,
 * say) that has it among its `host` outputs. To upload, run a tensor in memory through a session without `host` outputs.
 */
import { isObject, shown } from './checks.ts';
import { isDType } from './dtypes.ts';
import { SessionError } from './errors.ts';
import type { InferenceSession, Tensor, TensorClass } from './onnxruntime.ts';
import {
  checkOptions,
  load,
  nativeOptions,
  refuseRun,
  type Loaded,
  type SessionOptions,
} from './session.ts';
import { checkFed, fromTensor, portsOf, toTensors, type Ports } from './tensors.ts';
import type { DType, OnnxModel, TensorValue } from './types.ts';

/** The native tensors; out of reach of callers, who could only crash the process with them. */
const natives = new WeakMap<DeviceTensor, { native: Tensor; owner: Set<DeviceTensor> }>();

/** A tensor in the memory of a device. Its elements cannot be seen; dispose it when no run needs it any more. */
export class DeviceTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];

  /** Made by `DeviceSession.run` alone. */
  constructor(dtype: DType, shape: readonly number[]) {
    this.dtype = dtype;
    this.shape = shape;
  }

  /** Frees the memory; a second call does nothing. Never while a run that was given this tensor is pending. */
  dispose(): void {
    const entry = natives.get(this);
    entry?.native.dispose();
    entry?.owner.delete(this);
    natives.delete(this);
  }
}

export interface DeviceSessionOptions extends Omit<SessionOptions, 'provider'> {
  /** Outputs that are read back after each run; all others stay on the device. Default none. */
  readonly host?: readonly string[];
}

/** Tensors in memory are copied to the device; those on the device are used where they are. */
export type DeviceFeeds = Readonly<Record<string, TensorValue | DeviceTensor>>;

export interface DeviceResults {
  readonly host: Readonly<Record<string, TensorValue>>;
  readonly device: Readonly<Record<string, DeviceTensor>>;
}

/** Runs on the device are made one after the other: two at once end the process on Linux (onnxruntime#32561). */
let last: Promise<unknown> = Promise.resolve();

function oneAtATime<T>(task: () => Promise<T>): Promise<T> {
  const next = last.then(task);
  last = next.catch(() => undefined);
  return next;
}

export class DeviceSession {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorClass;
  readonly #inputs: Ports;
  /** What it has made and nobody has disposed of. */
  readonly #made = new Set<DeviceTensor>();
  #disposed = false;

  private constructor({ session, Tensor }: Loaded) {
    this.#session = session;
    this.#Tensor = Tensor;
    this.#inputs = portsOf(session.inputMetadata);
  }

  /**
   * Loads a model on the WebGPU provider. By default a node without a kernel there is refused, not run on the CPU.
   * @throws SessionError with onnxruntime's reason; where no driver is found, too. (A broken driver may end the process:
   * try it in a child process first, as @fashion-bench/engine does.)
   */
  static async create(
    model: OnnxModel,
    options: DeviceSessionOptions = {},
  ): Promise<DeviceSession> {
    checkOptions(options);
    const native = nativeOptions({ cpuFallback: false, ...options, provider: 'webgpu' });
    checkBuilt(model);
    const { host = [] } = options;
    const names = model.outputs.map(({ name }) => name);
    const unknown = host.find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new SessionError(`there is no output "${unknown}"; the graph has ${names.join(', ')}`);
    }
    return new DeviceSession(
      await load(model, {
        ...native,
        preferredOutputLocation: Object.fromEntries(
          names.map((name) => [name, host.includes(name) ? 'cpu' : 'gpu-buffer']),
        ),
      }),
    );
  }

  /**
   * Runs the graph once, after all runs on the device that were begun before.
   * @throws SessionError where a feed is missing, disposed or does not fit, or with onnxruntime's reason.
   */
  run(feeds: DeviceFeeds): Promise<DeviceResults> {
    return oneAtATime(() => this.#run(feeds));
  }

  /**
   * Frees the native session and every tensor that it has made: their memory is the session's, and to use it afterwards would
   * end the process. A second call does nothing.
   */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await oneAtATime(() => {
      for (const tensor of [...this.#made]) tensor.dispose();
      return this.#session.release();
    });
  }

  async #run(feeds: DeviceFeeds): Promise<DeviceResults> {
    if (this.#disposed) throw new SessionError('the session is disposed');
    checkFed(feeds, this.#inputs);
    const inMemory: Record<string, TensorValue> = {};
    const given: Record<string, Tensor> = {};
    for (const [name, value] of Object.entries(feeds)) {
      if (value instanceof DeviceTensor) given[name] = nativeOf(name, value);
      else inMemory[name] = value;
    }
    Object.assign(given, toTensors(this.#Tensor, inMemory, 'input', this.#inputs));
    const results = await this.#session.run(given).catch(refuseRun);
    const host: Record<string, TensorValue> = {};
    const device: Record<string, DeviceTensor> = {};
    for (const [name, tensor] of Object.entries(results)) {
      if (tensor.location === 'gpu-buffer') {
        device[name] = this.#keep(name, tensor);
      } else host[name] = fromTensor(name, tensor);
    }
    return { host, device };
  }

  #keep(name: string, native: Tensor): DeviceTensor {
    const { type, dims } = native;
    if (!isDType(type)) {
      throw new SessionError(`output "${name}" is of a type that this package does not know`);
    }
    const tensor = new DeviceTensor(type, dims);
    natives.set(tensor, { native, owner: this.#made });
    this.#made.add(tensor);
    return tensor;
  }
}

/** Outputs have names here only in a model as the builder gives it. */
function checkBuilt(model: unknown): void {
  if (isObject(model) && Array.isArray(model['outputs'])) return;
  throw new SessionError(`the model must be what GraphBuilder.build() gave, not ${shown(model)}`);
}

function nativeOf(name: string, tensor: DeviceTensor): Tensor {
  const entry = natives.get(tensor);
  if (!entry) throw new SessionError(`input "${name}": the tensor is disposed`);
  return entry.native;
}
