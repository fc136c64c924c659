/**
 * libhdf5 at arm's length. It is C compiled to wasm, and a damaged file may make it abort, loop or ask for all memory;
 * so it runs in a thread that is ended when its time is over, when it dies, and when its work is done. What it prints
 * goes nowhere.
 */
import { Worker } from 'node:worker_threads';
import { startWorkerFile } from '@fashion-bench/files';
import { ModelFileError } from '../errors.ts';
import type {
  FromThread,
  KerasFile,
  ReadLimits,
  StoredLayer,
  ToThread,
  WeightGroup,
} from './keras-file.ts';

function startWorker(): Worker {
  return startWorkerFile(
    {
      from: import.meta.url,
      name: 'hdf5-worker',
      packageName: '@fashion-bench/model-files',
      start: (options) => new Worker(new URL('./hdf5-worker.js', import.meta.url), options),
    },
    {
      ...{ stdin: false, stdout: true, stderr: true, env: {} },
      // Of strings and small objects; the file and the weights lie outside, and so does libhdf5's memory.
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    },
  );
}

/** A thread that answers one message after the other. A refusal leaves libhdf5 in an unknown state. */
export class Hdf5Thread {
  readonly #worker = startWorker();

  constructor() {
    // What a dying thread says between two questions would end the process.
    this.#worker.on('error', () => undefined);
  }

  /** The bytes of a file to read are the thread's from then on. @returns undefined where the thread died or its time was over; it is of no use afterwards. */
  ask(message: ToThread, milliseconds: number): Promise<FromThread | undefined> {
    const worker = this.#worker;
    return new Promise((resolve) => {
      const done = (answer: FromThread | undefined): void => {
        clearTimeout(timer);
        // One by one: the worker has listeners of Node's own, without which the next answer never comes.
        worker.off('message', done).off('error', gone).off('exit', gone);
        resolve(answer);
      };
      const gone = (): void => {
        done(undefined);
      };
      const timer = setTimeout(gone, milliseconds);
      worker.once('message', done).once('error', gone).once('exit', gone);
      worker.postMessage(message, 'bytes' in message ? [message.bytes.buffer] : []);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** @param path for messages. @throws ModelFileError 'corrupt' or 'unsupported'. */
export type Hdf5Reader = (
  bytes: Uint8Array<ArrayBuffer>,
  limits: ReadLimits,
  path: string,
) => Promise<KerasFile>;

/** As an `Hdf5Reader`, in a thread for this one file. */
export async function readHdf5(
  bytes: Uint8Array<ArrayBuffer>,
  limits: ReadLimits,
  path: string,
): Promise<KerasFile> {
  return fileIn(await askOnce({ kind: 'read', bytes, limits }, limits.milliseconds), path);
}

/** The weights of an archive's weights file, in the order of the groups. @throws as `readHdf5` does. */
export async function readHdf5Weights(
  bytes: Uint8Array<ArrayBuffer>,
  groups: readonly WeightGroup[],
  limits: ReadLimits,
  path: string,
): Promise<readonly StoredLayer[]> {
  const message: ToThread = { kind: 'read-weights', bytes, groups, limits };
  const answer = await askOnce(message, limits.milliseconds);
  return answer?.kind === 'weights' ? answer.layers : refuse(answer, path);
}

async function askOnce(message: ToThread, milliseconds: number): Promise<FromThread | undefined> {
  const thread = new Hdf5Thread();
  try {
    return await thread.ask(message, milliseconds);
  } finally {
    await thread.end();
  }
}

/** @throws ModelFileError naming the path. */
export function fileIn(answer: FromThread | undefined, path: string): KerasFile {
  return answer?.kind === 'file' ? answer.file : refuse(answer, path);
}

function refuse(answer: FromThread | undefined, path: string): never {
  if (answer?.kind === 'refused') throw new ModelFileError(answer.code, `${path} ${answer.why}.`);
  throw new ModelFileError(
    'corrupt',
    `${path} is damaged: libhdf5 gave up on it; take another copy of the file.`,
  );
}

/** Time for writing: nothing hostile here, only a machine that may be busy. */
const WRITE_MILLISECONDS = 600_000;

export function writeHdf5(file: KerasFile): Promise<Uint8Array<ArrayBuffer>> {
  return written({ kind: 'write', file });
}

export function writeHdf5Weights(layers: readonly StoredLayer[]): Promise<Uint8Array<ArrayBuffer>> {
  return written({ kind: 'write-weights', layers });
}

async function written(message: ToThread): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await askOnce(message, WRITE_MILLISECONDS);
  if (answer?.kind === 'bytes') return answer.bytes;
  throw new Error('The thread that writes HDF5 failed.');
}
