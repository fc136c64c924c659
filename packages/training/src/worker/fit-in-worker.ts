/**
 * `fit` in a worker thread. onnxruntime-node blocks its thread while it runs (onnxruntime#26968), so this is what keeps
 * progress bars and signals alive.
 */
import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TrainingError } from '../errors.ts';
import type { TrainingEvent } from '../events.ts';
import { checkFitOptions, type FitOptions } from '../fit.ts';
import type { FromWorker, ToWorker, WorkerInput } from './protocol.ts';

function startWorker(input: WorkerInput): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL('./training-worker.js', import.meta.url), { workerData: input });
  }
  // From the sources (tests) a thread does not inherit the loader of the main thread, so it registers its own.
  const file = JSON.stringify(new URL('./training-worker.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${file}); });`;
  return new Worker(code, {
    eval: true,
    workerData: input,
    execArgv: ['--conditions=@fashion-bench/source'],
  });
}

/**
 * As `fit`. Training data is copied into the thread once. Leaving the loop early ends the thread after its current step.
 * @throws TrainingError before the thread starts for options that do not fit; else what the thread failed with.
 */
export async function* fitInWorker(
  options: FitOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  checkFitOptions(options);
  const { imagesOfEpoch, signal, ...plain } = options;
  const worker = startWorker({ options: plain, asksForImages: imagesOfEpoch !== undefined });
  const send = (message: ToWorker): void => {
    worker.postMessage(message);
  };
  const stop = (): void => {
    send({ kind: 'stop' });
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  const exited = new Promise((resolve) => worker.once('exit', resolve));
  let failed = false;
  try {
    for await (const [message] of on(worker, 'message', { close: ['exit'] }) as AsyncIterable<
      [FromWorker]
    >) {
      if (message.kind === 'images') {
        if (imagesOfEpoch)
          send({
            kind: 'images',
            epoch: message.epoch,
            images: await imagesOfEpoch(message.epoch),
          });
        continue;
      }
      yield message.event;
      if (message.event.type === 'end') return;
    }
    throw new TrainingError('The training thread ended before the training did.');
  } catch (error) {
    failed = true;
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    // Never terminate(): onnxruntime throws into a thread that is torn down inside a run, and takes the process along.
    if (!failed) stop();
    await exited;
  }
}
