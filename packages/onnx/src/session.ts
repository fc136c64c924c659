/**
 * A thin session on onnxruntime-node: typed feeds and fetches, and an error that says what was wrong.
 *
 * `run` blocks its thread: onnxruntime-node 1.30 calls the native run synchronously from `setImmediate`
 * (onnxruntime#26968). Whoever wants a living terminal runs it in a worker thread.
 */
import { types } from 'node:util';
import { isObject, sessionOptionProblem, shown } from './checks.ts';
import { SessionError } from './errors.ts';
import {
  loadOnnxruntime,
  type InferenceSession,
  type Tensor,
  type TensorClass,
} from './onnxruntime.ts';
import {
  checkFed,
  copyBack,
  fromTensor,
  portsOf,
  toTensors,
  type Ports,
  type TensorMap,
} from './tensors.ts';
import type { OnnxModel, TensorValue } from './types.ts';

export interface SessionOptions {
  /** Where the arithmetic happens. Default `cpu`, whose library is inside the npm package. */
  readonly provider?: 'cpu' | 'webgpu';
  /** Threads inside one operator, 1 to 256; onnxruntime takes the physical cores when left out. */
  readonly threads?: number;
  /** Default `all`. `disabled` runs the graph as it was built. */
  readonly optimization?: 'disabled' | 'basic' | 'extended' | 'all';
  /**
   * Makes uint8 x int8 products exact on x86 processors without VNNI, where the fast kernel saturates its
   * 16-bit intermediate (onnxruntime.ai, "Quantize ONNX models"). Only for an int8 side that is a constant of the
   * graph, and from optimization `extended` on: onnxruntime then rewrites it as uint8. Default false; no effect
   * elsewhere.
   */
  readonly exactInt8?: boolean;
  /** Whether idle threads spin, which is faster in a tight loop and costs CPU time between runs. Default true. */
  readonly spinning?: boolean;
  /** onnxruntime's arena for the CPU: faster, and keeps what it took. Default true. */
  readonly memoryArena?: boolean;
  /**
   * Whether nodes that the provider has no kernel for run on the CPU, with a copy each way. Default true. With false,
   * a model with such a node is refused.
   */
  readonly cpuFallback?: boolean;
  /**
   * What onnxruntime's native code writes to standard error by itself. Default `nothing`: a library does not print, and
   * the reasons of failures are in the errors' messages. `placements` has a line for every node without a kernel and the
   * list of nodes of each provider; a lot else comes with it.
   */
  readonly log?: 'nothing' | 'placements';
}

/** onnxruntime's severities: 0 is verbose, 4 fatal. */
const LOG_SEVERITY = { nothing: 4, placements: 0 } as const;

/** @throws SessionError naming the first option that is unknown or has a value it may not have. */
export function checkOptions(options: unknown): void {
  const problem = sessionOptionProblem(options);
  if (problem !== undefined) throw new SessionError(problem);
}

/** The options as onnxruntime-node takes them. @throws SessionError as `checkOptions` does. */
export function nativeOptions(options: SessionOptions): InferenceSession.SessionOptions {
  checkOptions(options);
  const { threads, exactInt8, spinning, cpuFallback } = options;
  return {
    executionProviders: [options.provider ?? 'cpu'],
    graphOptimizationLevel: options.optimization ?? 'all',
    enableCpuMemArena: options.memoryArena ?? true,
    logSeverityLevel: LOG_SEVERITY[options.log ?? 'nothing'],
    extra: {
      session: {
        ...(exactInt8 === true ? { x64quantprecision: '1' } : {}),
        ...(cpuFallback === false ? { disable_cpu_ep_fallback: '1' } : {}),
        intra_op: { allow_spinning: spinning === false ? '0' : '1' },
      },
    },
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
  };
}

/** A loaded model, and the class of the tensors that it takes. */
export interface Loaded {
  readonly session: InferenceSession;
  readonly Tensor: TensorClass;
}

/**
 * Loads a model into onnxruntime.
 * @throws SessionError with onnxruntime's reason in its message.
 */
export async function load(
  model: OnnxModel | Uint8Array,
  native: InferenceSession.SessionOptions,
): Promise<Loaded> {
  const given = bytesOf(model);
  // The binding takes no shared memory.
  const bytes = types.isSharedArrayBuffer(given.buffer) ? new Uint8Array(given) : given;
  const { InferenceSession, Tensor } = await loadOnnxruntime().catch((error: unknown) => {
    if (error instanceof SessionError) throw error;
    throw new SessionError(`onnxruntime-node does not load here: ${messageOf(error)}`, {
      cause: error,
    });
  });
  try {
    return { session: await InferenceSession.create(bytes, native), Tensor };
  } catch (error) {
    throw new SessionError(`onnxruntime refused the model: ${messageOf(error)}`, { cause: error });
  }
}

function bytesOf(model: unknown): Uint8Array {
  const bytes = isObject(model) && !types.isUint8Array(model) ? model['bytes'] : model;
  if (types.isUint8Array(bytes)) return bytes;
  throw new SessionError(
    `the model must be what GraphBuilder.build() gave, or its bytes as a Uint8Array, not ${shown(model)}`,
  );
}

export class OnnxSession {
  readonly #session: InferenceSession;
  readonly #Tensor: TensorClass;
  readonly #inputs: Ports;
  readonly #outputs: Ports;
  #disposed = false;

  private constructor({ session, Tensor }: Loaded) {
    this.#session = session;
    this.#Tensor = Tensor;
    this.#inputs = portsOf(session.inputMetadata);
    this.#outputs = portsOf(session.outputMetadata);
  }

  /** Loads a model. @throws SessionError with onnxruntime's reason in its message. */
  static async create(
    model: OnnxModel | Uint8Array,
    options: SessionOptions = {},
  ): Promise<OnnxSession> {
    return new OnnxSession(await load(model, nativeOptions(options)));
  }

  get inputNames(): readonly string[] {
    return [...this.#inputs.keys()];
  }

  get outputNames(): readonly string[] {
    return [...this.#outputs.keys()];
  }

  /**
   * Runs the graph once. Feeds are read in place, not copied. Outputs are fresh arrays, or the ones given in `into`,
   * which onnxruntime writes to (its binding makes a passing copy of them all the same, onnxruntime#32346).
   * An array in `into` must not be one of the feeds. Arrays in shared memory are copied: the binding takes none.
   * @throws SessionError where a feed is missing, a name unknown, or a tensor does not fit; with onnxruntime's reason
   * where it fails later.
   */
  async run(feeds: TensorMap, into: TensorMap = {}): Promise<Record<string, TensorValue>> {
    if (this.#disposed) throw new SessionError('the session is disposed');
    checkFed(feeds, this.#inputs);
    const given = toTensors(this.#Tensor, feeds, 'input', this.#inputs);
    const fetches: Record<string, Tensor | null> = {
      // All of them: with some left out, onnxruntime-node 1.30 returns the others under wrong names.
      ...Object.fromEntries(this.outputNames.map((name) => [name, null])),
      ...toTensors(this.#Tensor, into, 'output', this.#outputs),
    };
    const results = await this.#session.run(given, fetches).catch(refuseRun);
    const outputs: Record<string, TensorValue> = {};
    for (const [name, tensor] of Object.entries(results)) {
      const target = into[name];
      if (target) copyBack(fetches[name], target);
      outputs[name] = target ?? fromTensor(name, tensor);
    }
    return outputs;
  }

  /** Frees the native session; a second call does nothing. Do not run it afterwards. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }
}

/** @throws SessionError always, with onnxruntime's reason. */
export function refuseRun(error: unknown): never {
  throw new SessionError(`onnxruntime could not run the graph: ${messageOf(error)}`, {
    cause: error,
  });
}

/** onnxruntime's message as one line. */
function messageOf(error: unknown): string {
  return (types.isNativeError(error) ? error.message : String(error)).replace(/\s+/g, ' ').trim();
}
