/**
 * Looks how far @tensorflow/tfjs-node-gpu came on this machine: package, native addon, TensorFlow library.
 *
 * The package is optional and its install step (which downloads the addon and libtensorflow) does not run
 * by itself, so the usual answer is "the addon is missing". When all files are there, the library is loaded
 * in a child process: loading it here would register a TensorFlow.js backend for the whole process, would
 * take the GPU's memory, and a broken library would take this process down with it.
 */

import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { packageJsonPath, packageVersion } from './package-version.ts';

const TENSORFLOW_PACKAGE = '@tensorflow/tfjs-node-gpu';

export type TensorflowProbe =
  | { readonly state: 'not-installed' }
  | { readonly state: 'no-addon'; readonly version: string }
  | { readonly state: 'no-library'; readonly version: string }
  | { readonly state: 'failed'; readonly version: string; readonly message: string }
  | {
      readonly state: 'ready';
      readonly version: string;
      /** TensorFlow's own version, such as 2.9.1. */
      readonly tensorflow: string;
      readonly gpu: boolean;
    };

const PROBE_TIMEOUT_MS = 60_000;
const MARK = 'tensorflow-probe:';

/** Runs in the child. The library writes to both streams, so the answer carries a mark. */
const CHILD = `
const tf = require(process.argv[1]);
const backend = tf.backend();
process.stdout.write('\\n${MARK}' + JSON.stringify({
  tensorflow: String(backend.binding.TF_Version), gpu: backend.isUsingGpuDevice === true }) + '\\n');
`;

/** Runs the child and gives back its standard output; replaced in tests. */
export type ChildRunner = (folder: string) => Promise<string>;

const runChild: ChildRunner = (folder) =>
  new Promise((resolve, reject) => {
    const options = { timeout: PROBE_TIMEOUT_MS, maxBuffer: 1 << 24 };
    execFile(process.execPath, ['-e', CHILD, folder], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(lastErrorLine(stderr) ?? error.message));
    });
  });

/** The sentence of a Node stack trace: the last line that starts with an error's name. */
function lastErrorLine(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => /^\w*Error\b.*: /.test(line));
}

function readAnswer(stdout: string): { tensorflow: string; gpu: boolean } {
  const line = stdout.split('\n').find((text) => text.startsWith(MARK));
  if (line === undefined) throw new Error('the library loaded but did not answer');
  const answer: unknown = JSON.parse(line.slice(MARK.length));
  if (typeof answer === 'object' && answer !== null && 'tensorflow' in answer && 'gpu' in answer) {
    return { tensorflow: String(answer.tensorflow), gpu: answer.gpu === true };
  }
  throw new Error('the library loaded but did not say which device it uses');
}

function hasAddon(folder: string): boolean {
  const lib = join(folder, 'lib');
  if (!existsSync(lib)) return false;
  return readdirSync(lib).some((napi) => existsSync(join(lib, napi, 'tfjs_binding.node')));
}

function hasLibrary(folder: string): boolean {
  const deps = join(folder, 'deps', 'lib');
  if (!existsSync(deps)) return false;
  return readdirSync(deps).some((name) => /^(lib)?tensorflow.*\.(so|dylib|dll)/.test(name));
}

/** @param packageJson path of the package's package.json; tests point it at a made-up folder. */
export async function probeTensorflow(
  packageJson: string | null = packageJsonPath(TENSORFLOW_PACKAGE),
  run: ChildRunner = runChild,
): Promise<TensorflowProbe> {
  if (packageJson === null) return { state: 'not-installed' };
  const folder = dirname(packageJson);
  const version = packageVersion(packageJson);
  if (!hasAddon(folder)) return { state: 'no-addon', version };
  if (!hasLibrary(folder)) return { state: 'no-library', version };
  try {
    return { state: 'ready', version, ...readAnswer(await run(folder)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'failed', version, message };
  }
}
