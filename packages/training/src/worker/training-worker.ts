/** The thread's side: runs `fit` on what it was given and posts the events. */
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { fitChecked } from '../loop/fit.ts';
import type { FitOptions } from '../loop/options.ts';
import type { ImageArray } from '../trainer/trainer.ts';
import type { ErrorFields, FromWorker, ToWorker, WorkerInput } from './protocol.ts';

if (!parentPort) throw new Error('trainingWorker must be started as a worker thread');
const port = parentPort;
// Both ends are this package, in one process: the type is what fitInWorker sent.
const { options, asksForImages } = workerData as WorkerInput;

const stop = new AbortController();
const waiting = new Map<number, (images: ImageArray) => void>();
port.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') {
    stop.abort();
    // Whoever waits for images goes on to see that it is over.
    for (const resolve of waiting.values()) resolve(options.train.images);
  } else waiting.get(message.epoch)?.(message.images);
});

function post(message: FromWorker): void {
  port.postMessage(message);
}

const imagesOfEpoch = (epoch: number): Promise<ImageArray> =>
  new Promise((resolve) => {
    waiting.set(epoch, resolve);
    post({ kind: 'images', epoch });
  });

function fieldsOf(error: unknown): ErrorFields {
  if (!(error instanceof Error))
    return { name: 'Error', code: '', message: String(error), stack: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { name: error.name, code, message: error.message, stack: error.stack };
}

const fitOptions: FitOptions = {
  ...options,
  signal: stop.signal,
  ...(asksForImages ? { imagesOfEpoch } : {}),
};
try {
  for await (const event of fitChecked(fitOptions)) {
    post({ kind: 'event', event });
    // An engine without real waiting would never let a message in.
    await setImmediate();
  }
} catch (error) {
  post({ kind: 'error', error: fieldsOf(error) });
}
port.close();
