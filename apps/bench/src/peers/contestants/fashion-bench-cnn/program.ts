/**
 * Our laps of the network: one training over all rounds, as users start it (in its thread, with progress), that asks for
 * its images before each epoch and gets them at "go". The clock runs from there to the event that ends the epoch.
 */

import { fashionCnn, trainCnn } from '@fashion-bench/cnn';
import { EngineUnavailableError, resolveEngine } from '@fashion-bench/engine';
import { isTrainerEngine } from '@fashion-bench/training';

import { describeWarmUp } from '../../../parts/cnn/warm-up.ts';
import { VERSION } from '../../../process/version.ts';
import { type CnnJob, TRAIN_IMAGES, TRAIN_LABELS } from '../../messages.ts';
import { runProgram, type Track } from '../../node-program.ts';
import { OURS } from '../../ours.ts';

/** @throws EngineUnavailableError for an engine that cannot train */
async function laps(job: CnnJob, track: Track): Promise<void> {
  const { threads, seed, batchSize } = job;
  const { id, library, version, device, driver, gpu } = await resolveEngine(job.engine, {
    threads,
  });
  if (!isTrainerEngine(id)) {
    throw new EngineUnavailableError(id, 'this version has no trainer for it.');
  }
  const images = await track.array(TRAIN_IMAGES);
  const labels = await track.array(TRAIN_LABELS);
  const stop = new AbortController();
  let start = 0;
  let warmUp = '';
  const events = trainCnn(fashionCnn({ seed }), {
    ...{ engine: id, threads, seed, batchSize },
    train: { images, labels },
    epochs: job.rounds,
    signal: stop.signal,
    imagesOfEpoch: async (epoch) => {
      if (epoch === 1) {
        const words = `${driver === undefined ? '' : ` (driver ${driver})`}${job.gpu && !gpu ? ', a software driver and no GPU' : ''}`;
        const details = `engine ${id} on ${device}${words}, float32, ${threads} threads${warmUp}`;
        track.ready({
          versions: { [OURS]: VERSION, [library]: version, node: process.versions.node },
          details,
          blas: null,
        });
      }
      if (!(await track.go())) stop.abort();
      start = performance.now();
      return images;
    },
  });
  for await (const event of events) {
    if (event.type === 'warm-up') warmUp = `; warm-up: ${describeWarmUp(event)}`;
    if (event.type !== 'epoch') continue;
    const epoch = (performance.now() - start) / 1000;
    track.lap({ seconds: { epoch }, loss: event.loss, accuracy: event.accuracy });
  }
}

await runProgram('cnn', laps);
