/** Which kind of file it is, by its first bytes, whatever it is called. */
import { HDF5_HEAD_BYTES, isHdf5 } from './keras/keras-file.ts';

/** So many of a file's first bytes tell. */
export const HEAD_BYTES: number = HDF5_HEAD_BYTES;

export type FileKind =
  | { readonly kind: 'keras' | 'keras-h5' | 'json' | 'onnx' }
  | {
      readonly kind: 'foreign';
      /** What it is, and what to do; ends a sentence that begins with the file. */
      readonly words: string;
    };

const PICTURE = 'is a picture and no model; give a model, which is asked about the picture';
const KERAS_FILES = ['metadata.json', 'config.json'];

/** Where, the bytes there, and what has them. */
const FOREIGN: readonly (readonly [at: number, bytes: string, words: string])[] = [
  [0, 'PK\x03\x04', 'is a zip archive; give the model that is in it, saved as .h5 or .onnx'],
  [0, '\x1f\x8b', 'is a gzip file; unpack it first'],
  [
    4,
    'TFL3',
    'is a model of TensorFlow Lite, which is not read here; give the .h5 that it was made of',
  ],
  [0, '\x80\x02', 'is a pickle of Python, which is not read here; export it as .onnx or .h5'],
  [0, '\x89PNG', PICTURE],
  [0, '\xff\xd8\xff', PICTURE],
];

/** @param head the file's first `HEAD_BYTES`, or all of it. */
export function recognize(head: Uint8Array): FileKind {
  if (isHdf5(head)) return { kind: 'keras-h5' };
  const text = Buffer.from(head.subarray(0, 64)).toString('latin1');
  const isZip = text.startsWith('PK\x03\x04');
  // The name of the archive's first file, behind a header of 30 bytes.
  if (isZip && KERAS_FILES.some((name) => text.startsWith(name, 30))) return { kind: 'keras' };
  const found = FOREIGN.find(([at, bytes]) => text.startsWith(bytes, at));
  if (found) return { kind: 'foreign', words: found[2] };
  return { kind: /^(?:\xEF\xBB\xBF)?\s*\{/.test(text) ? 'json' : 'onnx' };
}
