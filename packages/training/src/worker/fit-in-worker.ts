/**
 * `fit` in a worker thread. onnxruntime-node blocks its thread while it runs (onnxruntime#26968), so this is what keeps
 * progress bars and signals alive.
 */
import { on } from 'node:events';
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { startWorkerFile } from '@fashion-bench/files';
import { SessionError } from '@fashion-bench/onnx';
import { checkEngine } from '../trainer/create-trainer.ts';
import { TrainingError } from '../errors.ts';
import type { TrainingEvent } from '../loop/events.ts';
import { checkFitOptions, type FitOptions, type TrainingSet } from '../loop/options.ts';
import type { ErrorFields, FromWorker, ToWorker, WorkerInput } from './protocol.ts';

/** The environment is shared: native libraries take their settings from the process' own, not from a thread's copy. */
function startWorker(input: WorkerInput): Worker {
  return startWorkerFile(
    {
      from: import.meta.url,
      name: 'training-worker',
      packageName: '@fashion-bench/training',
      start: (options) => new Worker(new URL('./training-worker.js', import.meta.url), options),
    },
    { workerData: input, env: SHARE_ENV },
  );
}

/** A view of a larger buffer would take all of that buffer along into the thread. */
function compact({ images, labels }: TrainingSet): TrainingSet {
  const whole = images.byteLength === images.buffer.byteLength;
  return { images: whole ? images : images.slice(), labels: labels.slice() };
}

/** The thread's error with its class, as far as callers tell classes apart. */
function revive({ name, code, message, stack }: ErrorFields): Error {
  const cause = new Error(message);
  if (stack !== undefined) cause.stack = stack;
  if (code === 'training') return new TrainingError(message, { cause });
  if (code === 'session') return new SessionError(message, { cause });
  return new Error(`${name} in the training thread: ${message}`, { cause });
}

/**
 * As `fit`. Training data is copied into the thread once. Leaving the loop early ends the thread after its current step.
 * @throws TrainingError before the thread starts for options that do not fit; else what the thread failed with.
 */
export async function* fitInWorker(
  options: FitOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  checkFitOptions(options);
  checkEngine(options.engine);
  const { imagesOfEpoch, signal, ...rest } = options;
  const plain = {
    ...rest,
    train: compact(rest.train),
    ...(rest.test ? { test: compact(rest.test) } : {}),
  };
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
  // While the thread waits for images that nobody may ever ask it for, it does not keep the process alive. (Inside a step
  // it does: to tear it down there would take the process along.)
  worker.on('message', ({ kind }: FromWorker) => {
    if (kind === 'images') worker.unref();
  });
  try {
    const messages = on(worker, 'message', { close: ['exit'] }) as AsyncIterable<[FromWorker]>;
    for await (const [message] of messages) {
      switch (message.kind) {
        case 'event':
          yield message.event;
          if (message.event.type === 'end') return;
          break;
        case 'images':
          if (imagesOfEpoch) {
            const images = await imagesOfEpoch(message.epoch);
            worker.ref();
            send({ kind: 'images', epoch: message.epoch, images });
          }
          break;
        case 'error':
          throw revive(message.error);
      }
    }
    throw new TrainingError('The training thread ended before the training did.');
  } finally {
    signal?.removeEventListener('abort', stop);
    worker.ref();
    // Never terminate(): onnxruntime throws into a thread that is torn down inside a run, and takes the process along.
    stop();
    await exited;
  }
}
