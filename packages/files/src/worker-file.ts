/** A module that runs as a worker thread, wherever the code that starts it has got to: sources, an installed package, a bundle. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { FileError } from './errors.ts';

export interface WorkerFile {
  /** `import.meta.url` of the module that starts it. */
  readonly from: string;
  /** Name of the worker's file beside that module, without extension. */
  readonly name: string;
  /** The package that exports the worker as its subpath `name`: bundlers do not see that it is needed. */
  readonly packageName: string;
  /** `new Worker(new URL('./NAME.js', import.meta.url), options)`, word for word: tools that follow workers look for that. */
  readonly start: (options: WorkerOptions) => Worker;
}

/**
 * Starts it. In a bundle the file is one beside the bundle, made as an entry of its own, or else the installed package's; a
 * bundler that follows workers (webpack) has put its own place into `start`.
 * @throws FileError `not-found` where it is neither.
 */
export function startWorkerFile(
  { from, name, packageName, start }: WorkerFile,
  options: WorkerOptions = {},
): Worker {
  const beside = new URL(`./${name}${extname(fileURLToPath(from))}`, from);
  if (beside.pathname.endsWith('.ts')) {
    // From the sources (tests) a thread does not inherit the loader of the main thread, so it registers its own. It is
    // found from the current folder, which lies inside this repository wherever there are sources.
    const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(beside.href)}); });`;
    const execArgv = ['--conditions=@fashion-bench/source'];
    return new Worker(code, { ...options, eval: true, execArgv });
  }
  // webpack leaves in `from` where the module was when it was bundled.
  if (!existsSync(new URL('.', beside))) return start(options);
  if (existsSync(beside)) return new Worker(beside, options);
  const entry = `${packageName}/${name}`;
  try {
    return new Worker(createRequire(from).resolve(entry), options);
  } catch (cause) {
    const reason = `it runs as a worker thread, so make ${entry} another entry of the bundle, named ${name}, or install ${packageName} where the bundle runs`;
    throw new FileError('not-found', 'read', fileURLToPath(beside), reason, { cause });
  }
}
