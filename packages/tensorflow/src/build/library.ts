/**
 * A TensorFlow library on disk: an unpacked libtensorflow archive (include/, lib/), an installed Python package
 * `tensorflow`, or a folder around one of them.
 */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

import { TensorflowError } from '../errors.ts';

export interface TensorflowLibrary {
  readonly kind: 'archive' | 'python package';
  /** Folder of the headers. */
  readonly include: string;
  /** Folder of the shared libraries, without symbolic links: they look for CUDA's beside themselves. */
  readonly folder: string;
  /** Absolute paths of the shared libraries, the framework last. */
  readonly libraries: readonly string[];
}

/** All headers of the C API that the addon's sources include. */
const HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/core/platform/ctstring_internal.h',
];

const CORE = /^libtensorflow(_cc)?(\.so\.2|\.2\.dylib)$/;
const FRAMEWORK = /^libtensorflow_framework(\.so\.2|\.2\.dylib)$/;

function names(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The folder itself, its site-packages, or those of a virtual environment. */
function candidates(from: string): string[] {
  const pythons = names(join(from, 'lib')).filter((name) => name.startsWith('python3'));
  return [
    from,
    join(from, 'tensorflow'),
    ...pythons.map((name) => join(from, 'lib', name, 'site-packages', 'tensorflow')),
  ];
}

function libraryAt(folder: string): TensorflowLibrary | undefined {
  for (const [kind, place] of [
    ['python package', folder],
    ['archive', join(folder, 'lib')],
  ] as const) {
    const files = names(place);
    const core = files.find((name) => CORE.test(name));
    const framework = files.find((name) => FRAMEWORK.test(name));
    if (core === undefined) continue;
    if (framework === undefined) {
      throw new TensorflowError(
        'build',
        `${place} has ${core} but no libtensorflow_framework; unpack or install it again.`,
      );
    }
    const real = realpathSync(place);
    return {
      kind,
      include: join(realpathSync(folder), 'include'),
      folder: real,
      libraries: [join(real, core), join(real, framework)],
    };
  }
  return undefined;
}

/** @throws TensorflowError 'build' in one sentence where there is none, or where a header is missing. */
export function findLibrary(from: string): TensorflowLibrary {
  if (!existsSync(from)) throw new TensorflowError('build', `The folder ${from} does not exist.`);
  const places = candidates(from);
  const library = places.map(libraryAt).find((found) => found !== undefined);
  if (library === undefined) {
    const old = places.some((place) =>
      names(join(place, 'python')).some((name) => name.startsWith('_pywrap_tensorflow_internal')),
    );
    throw new TensorflowError(
      'build',
      old
        ? `The Python package in ${from} is older than TensorFlow 2.12 and has no libtensorflow_cc.so.2; install a newer one.`
        : `${from} holds no TensorFlow library: give the folder of an unpacked libtensorflow archive (with include/ and lib/libtensorflow.so.2), or the folder of an installed Python package tensorflow (with libtensorflow_cc.so.2).`,
    );
  }
  const missing = HEADERS.filter((header) => !existsSync(join(library.include, header)));
  if (missing.length > 0) {
    throw new TensorflowError(
      'build',
      `TensorFlow's headers are missing in ${library.include}: ${missing.join(', ')}; use a whole ${library.kind}.`,
    );
  }
  return library;
}
