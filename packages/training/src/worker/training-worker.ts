/** The thread's side: runs `fit` on what it was given and posts the events. */
import { parentPort, workerData } from 'node:worker_threads';
import { fit, type FitOptions } from '../fit.ts';
import type { ImageArray } from '../trainer.ts';
import type { FromWorker, ToWorker, WorkerInput } from './protocol.ts';

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

const fitOptions: FitOptions = {
  ...options,
  signal: stop.signal,
  ...(asksForImages ? { imagesOfEpoch } : {}),
};
for await (const event of fit(fitOptions)) post({ kind: 'event', event });
port.close();
