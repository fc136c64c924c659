/**
 * What a Keras HDF5 file says, as plain data that can cross into a thread and back. Nothing here is believed yet:
 * the strings are JSON of whatever wrote the file, the shapes are what the file declares.
 */

/** One dataset under /model_weights. */
export interface StoredWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major elements of `shape`. */
  readonly data: Float32Array<ArrayBuffer>;
}

/** One group under /model_weights; layers without weights have one, too. */
export interface StoredLayer {
  readonly name: string;
  readonly weights: readonly StoredWeight[];
}

export interface KerasFile {
  /** JSON of the attribute model_config. */
  readonly modelConfig: string;
  /** JSON of the attribute training_config, where the model was compiled. */
  readonly trainingConfig: string | undefined;
  /** Version of Keras that wrote the file, or whose dialect it is in. */
  readonly kerasVersion: string | undefined;
  readonly layers: readonly StoredLayer[];
}

/** Where the weights of a layer lie in an archive of Keras 3: datasets "0", "1" and so on. */
export interface WeightGroup {
  readonly path: string;
  readonly count: number;
}

/** What a file may ask for before it is refused. */
export interface ReadLimits {
  /** Bytes of the weights together, as the file declares them. */
  readonly weightBytes: number;
  /** Time for the whole file, in milliseconds. */
  readonly milliseconds: number;
}

const MAGIC: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Where the format allows its magic number within the first 64 KiB: at 0, or behind a user block of 512, 1024, 2048, ... bytes
 * (HDF5 File Format Specification 3.0, section II.A).
 */
export const HDF5_HEAD_BYTES: number = (1 << 16) + MAGIC.length;

/** @param head of a file, `HDF5_HEAD_BYTES` of it or all. */
export function isHdf5(head: Uint8Array): boolean {
  for (let at = 0; at < Math.min(head.length, HDF5_HEAD_BYTES); at = at === 0 ? 512 : 2 * at) {
    if (MAGIC.every((byte, i) => head[at + i] === byte)) return true;
  }
  return false;
}

export type ToThread =
  | { readonly kind: 'read'; readonly bytes: Uint8Array<ArrayBuffer>; readonly limits: ReadLimits }
  | {
      readonly kind: 'read-weights';
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly groups: readonly WeightGroup[];
      readonly limits: ReadLimits;
    }
  | { readonly kind: 'write'; readonly file: KerasFile }
  | { readonly kind: 'write-weights'; readonly layers: readonly StoredLayer[] };

/** `refused` carries half a sentence, to be put behind the file's name. */
export type FromThread =
  | { readonly kind: 'file'; readonly file: KerasFile }
  | { readonly kind: 'weights'; readonly layers: readonly StoredLayer[] }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly code: 'corrupt' | 'unsupported'; readonly why: string };
