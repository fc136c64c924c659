/** The C++ compiler: which one, and the one command that makes the addon. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { Environment } from '../binding-folder.ts';
import { clause, TensorflowError } from '../errors.ts';
import type { TensorflowLibrary } from './library.ts';

const run = promisify(execFile);

/** Node-API's headers, from Node's own package for them: no headers of the running Node need to be installed. */
function nodeHeaders(): string {
  return join(
    dirname(createRequire(import.meta.url).resolve('node-api-headers/package.json')),
    'include',
  );
}

/** The Node-API version that the addon asks for; Node 12 and newer have it. */
const NAPI_VERSION = 8;

const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];

/** CXX, else the first of the usual names that answers. @throws TensorflowError 'build' where none does. */
export async function findCompiler(env: Environment): Promise<string> {
  const asked = env['CXX'];
  const names = asked === undefined || asked === '' ? ['c++', 'g++', 'clang++'] : [asked];
  for (const name of names) {
    try {
      await run(name, ['--version'], { env: { ...env } });
      return name;
    } catch {
      // The next one may be there.
    }
  }
  throw new TensorflowError(
    'build',
    `No C++ compiler was found (tried ${names.join(', ')}); install one, such as the system package g++, or name it in CXX.`,
  );
}

export interface CompileRequest {
  readonly compiler: string;
  /** Folder `binding` of @tensorflow/tfjs-node-gpu. */
  readonly sources: string;
  readonly library: TensorflowLibrary;
  /** Path of the addon to be written. */
  readonly output: string;
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
}

/**
 * The run path is the libraries' own folder, so they stay where they are. They must not be linked to from elsewhere:
 * TensorFlow looks for the nvidia-* packages relative to the folder it is loaded from.
 */
export function compileArguments(
  { sources, library, output }: Pick<CompileRequest, 'sources' | 'library' | 'output'>,
  platform: NodeJS.Platform = process.platform,
): string[] {
  return [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w'],
    ...[`-DNAPI_VERSION=${NAPI_VERSION}`, '-DBUILDING_NODE_EXTENSION'],
    ...['-I', nodeHeaders(), '-I', library.include],
    ...SOURCES.map((name) => join(sources, name)),
    ...['-o', output],
    ...library.libraries,
    `-Wl,-rpath,${library.folder}`,
    // Node-API itself comes from the running Node; macOS' linker wants to be told.
    ...(platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
  ];
}

/** Takes some ten seconds. @throws TensorflowError 'build' with the compiler's first error. */
export async function compile(request: CompileRequest): Promise<void> {
  const { compiler, env, signal } = request;
  try {
    await run(compiler, compileArguments(request), {
      env: { ...env },
      maxBuffer: 1 << 26,
      ...(signal && { signal }),
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new TensorflowError('build', `The compiler ${compiler} failed: ${firstError(cause)}.`, {
      cause,
    });
  }
}

function firstError(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const line = text.split('\n').find((part) => /error|undefined reference|cannot find/i.test(part));
  return clause(line ?? error);
}
