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

/** What a file may ask for before it is refused. */
export interface ReadLimits {
  /** Bytes of the weights together, as the file declares them. */
  readonly weightBytes: number;
  /** Time for the whole file, in milliseconds. */
  readonly milliseconds: number;
}

/** The first bytes of every HDF5 file without a user block. */
export const HDF5_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

export type ToThread =
  | { readonly kind: 'read'; readonly bytes: Uint8Array; readonly limits: ReadLimits }
  | { readonly kind: 'write'; readonly file: KerasFile };

/** `refused` carries half a sentence, to be put behind the file's name. */
export type FromThread =
  | { readonly kind: 'file'; readonly file: KerasFile }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'refused'; readonly code: 'corrupt' | 'unsupported'; readonly why: string };
