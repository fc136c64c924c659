/**
 * Worker threads that run exports of the kernel over one shared memory. They know nothing else: addresses and sizes come
 * with each call, results stay in the memory.
 */
import { Worker } from 'node:worker_threads';
import { KnnError } from '../errors.ts';
import type { WasmMemory, WasmModule } from './memory.ts';

/**
 * What a worker runs. As text, because it must work alike from TypeScript sources, from the build and from a bundle;
 * by dynamic import, because it may be started as a script or as a module.
 */
const WORKER_SOURCE = `
import('node:worker_threads').then(({ parentPort, workerData }) => {
  const { module, memory } = workerData;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  parentPort.on('message', ({ name, args }) => {
    exports[name](...args);
    parentPort.postMessage('done');
  });
});
`;

/** Calls an export of the module by name. */
export type KernelCall = (name: string, ...args: number[]) => Promise<void>;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (reason: KnnError) => void;
}

/** One thread, one call at a time. */
class KernelWorker {
  readonly #worker: Worker;
  #pending: Pending | undefined;
  #failure: KnnError | undefined;

  constructor(memory: WasmMemory, module: WasmModule) {
    this.#worker = new Worker(WORKER_SOURCE, {
      eval: true,
      // Loaders of the parent (tsx, coverage) are of no use here and slow to start.
      execArgv: [],
      workerData: { module, memory },
    });
    this.#worker.on('message', () => {
      this.#settle()?.resolve();
    });
    this.#worker.on('error', (error) => {
      this.#fail(
        new KnnError('worker', `A search thread failed: ${error.message}.`, { cause: error }),
      );
    });
    this.#worker.on('exit', (code) => {
      this.#fail(new KnnError('worker', `A search thread ended early, with exit code ${code}.`));
    });
    // A forgotten dispose() must not keep the process alive; a call in work does. After the listeners: each refers to the
    // port anew.
    this.#worker.unref();
  }

  call(name: string, args: readonly number[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) {
        reject(this.#failure);
        return;
      }
      this.#pending = { resolve, reject };
      this.#worker.ref();
      this.#worker.postMessage({ name, args });
    });
  }

  async terminate(): Promise<void> {
    this.#failure = new KnnError('disposed', 'The search was disposed of; fit again.');
    await this.#worker.terminate();
  }

  #fail(failure: KnnError): void {
    this.#failure ??= failure;
    this.#settle()?.reject(this.#failure);
  }

  #settle(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.unref();
    return pending;
  }
}

export class KernelPool {
  readonly #workers: readonly KernelWorker[];

  constructor(memory: WasmMemory, size: number, module: WasmModule) {
    this.#workers = Array.from({ length: size }, () => new KernelWorker(memory, module));
  }

  /**
   * Hands out tasks 0..count-1 to whichever worker is free. `task` makes its calls through the function it is given, and
   * may use the scratch of that worker. The first failure stops the handing out and is thrown when all are back.
   */
  async map(
    count: number,
    task: (i: number, worker: number, call: KernelCall) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    const outcomes = await Promise.allSettled(
      this.#workers.map(async (worker, w) => {
        while (next < count) {
          try {
            await task(next++, w, (name, ...args) => worker.call(name, args));
          } catch (error) {
            next = count;
            throw error;
          }
        }
      }),
    );
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
