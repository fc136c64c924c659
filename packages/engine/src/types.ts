/**
 * What an engine is, as plain data: where the arithmetic happens, at which version, on which device.
 * Nothing here computes; trainers and searches live in other packages and take an `EngineInfo`.
 */

/** All engines, in the order in which they are listed. */
export const ENGINE_IDS = [
  'tensorflow-gpu',
  'tensorflow',
  'onnx-cpu',
  'onnx-webgpu',
  'reference',
] as const;

export type EngineId = (typeof ENGINE_IDS)[number];

/** An engine that works on this machine. */
export interface EngineInfo {
  readonly id: EngineId;
  /** The npm package that does the arithmetic, such as `onnxruntime-node`. */
  readonly library: string;
  /** That package's version as installed, not as asked for. */
  readonly version: string;
  /** The device in words: processor model and number of threads, or the GPU's name. */
  readonly device: string;
  /** A GPU's driver in words: its library, and its version where that can be read. */
  readonly driver?: string;
  /** False for the processor, and for drivers that imitate a GPU on it. */
  readonly gpu: boolean;
  /** What a reader of its figures should know about its arithmetic. */
  readonly caveats: readonly string[];
}

/** One engine's state: usable, or missing with a reason that says what to do. */
export type EngineStatus =
  | { readonly state: 'available'; readonly engine: EngineInfo }
  | { readonly state: 'missing'; readonly id: EngineId; readonly reason: string };

/** True for the five engine names, false for anything else. */
export function isEngineId(text: unknown): text is EngineId {
  return ENGINE_IDS.some((id) => id === text);
}
