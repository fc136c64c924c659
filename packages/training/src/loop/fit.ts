/**
 * The training loop: shuffled batches to a trainer, events to the caller. It runs in the calling thread, which
 * onnxruntime blocks run by run; `fitInWorker` (worker/fit-in-worker.ts) runs the same loop in a thread of its own.
 *
 * The clock of an epoch covers its steps with their batch preparation, and nothing else. Warm-up steps on a copy of
 * the state compile the graphs before the first clock starts; their results are thrown away.
 */
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { checkFinite, isImages, kindOf } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { featureCount } from '../network/network.ts';
import { checkEngine, createTrainer } from '../trainer/create-trainer.ts';
import { PREDICTION_BATCH } from '../trainer/prediction.ts';
import { isResident, type ImageArray, type Trainer } from '../trainer/trainer.ts';
import { BatchBuffers } from './batch-buffers.ts';
import { evaluateOn } from './evaluation.ts';
import type { EpochEvent, TrainingEvent, WarmUpEvent } from './events.ts';
import { checkFitOptions, imageCount, type FitOptions } from './options.ts';
import { WatchedTrainer } from './watched-trainer.ts';
import {
  isCheckpointDue,
  orderOfEpoch,
  startOfEpoch,
  type CheckpointSchedule,
  type TrainingPosition,
} from './position.ts';

/**
 * Trains and reports warm-up, every step and epoch; the last event holds the trained state.
 * @throws TrainingError for options that do not fit, SessionError where the engine fails.
 */
export async function* fit(options: FitOptions): AsyncGenerator<TrainingEvent, void, undefined> {
  checkFitOptions(options);
  checkEngine(options.engine);
  yield* fitChecked(options);
}

/** As `fit`, for options that have been checked: a thread need not go through all the pixels again. */
export async function* fitChecked(
  options: FitOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  const {
    network,
    weights,
    optimizer,
    batchSize,
    seed,
    threads,
    train,
    epochs,
    signal,
    checkpoint,
  } = options;
  const trainer = await createTrainer(options.engine, {
    network,
    weights,
    optimizer,
    batchSize,
    seed,
    images: kindOf(train.images),
    ...(threads === undefined ? {} : { threads }),
  });
  const steps = Math.ceil(imageCount(train, network) / batchSize);
  const stopped = (): boolean => signal?.aborted === true;
  try {
    if (options.resume) trainer.restore(options.resume.state);
    const watch = new WatchedTrainer(trainer, options);
    yield await warmUp(trainer, options);
    let position = options.resume?.position ?? startOfEpoch(1);
    while (position.epoch <= epochs && !watch.stopped && !stopped()) {
      const images = (await options.imagesOfEpoch?.(position.epoch)) ?? train.images;
      if (stopped()) break;
      position = yield* oneEpoch(trainer, options, images, position, watch);
      const taken = (position.epoch - 1) * steps;
      const complete = position.epoch > epochs || watch.stopped;
      if (checkpoint && position.step === 0) {
        if (complete || isCheckpointDue(checkpoint, taken, steps)) {
          yield { type: 'checkpoint', snapshot: await watch.snapshot(position) };
        }
      }
    }
    // Told to stop after the very last step, it is complete all the same.
    const status = position.epoch > epochs || watch.stopped ? 'completed' : 'interrupted';
    if (checkpoint && status === 'interrupted') {
      yield { type: 'checkpoint', snapshot: await watch.snapshot(position) };
    }
    const state = status === 'completed' ? await watch.end() : await trainer.state();
    yield { type: 'end', status, state };
  } finally {
    await trainer.dispose();
  }
}

/**
 * Compiles every graph that the epochs will use, and puts the training set where it stays. What it learns on the way is
 * thrown away: the state is put back.
 */
async function warmUp(
  trainer: Trainer,
  { network, train, test, batchSize }: FitOptions,
): Promise<WarmUpEvent> {
  const before = await trainer.state();
  const count = imageCount(train, network);
  const rest = count % batchSize;
  const sizes = rest === 0 ? [batchSize] : [batchSize, rest];
  // A short epoch has no whole run, and the graph of one takes longer to compile than its steps.
  const whole =
    trainer.stepsPerRun > 1 && count >= trainer.stepsPerRun * batchSize
      ? [Array.from({ length: trainer.stepsPerRun }, () => batchSize)]
      : [];
  const runs = [...whole, ...sizes.map((size) => [size])];
  if (isResident(trainer)) {
    await trainer.load(train.images, train.labels);
    const first = new Uint32Array(batchSize);
    for (const run of runs) await trainer.stepsByIndex(run.map((n) => first.subarray(0, n)));
  } else {
    const values = batchSize * featureCount(network.input);
    const images =
      kindOf(train.images) === 'uint8' ? new Uint8Array(values) : new Float32Array(values);
    const labels = types.isUint8Array(train.labels)
      ? new Uint8Array(batchSize)
      : new Float32Array(batchSize * network.classes);
    for (const run of runs) await trainer.steps(run.map((size) => ({ images, labels, size })));
  }
  const predicted = test ? Math.min(PREDICTION_BATCH, imageCount(test, network)) : 0;
  if (test) await trainer.predict(test.images, predicted);
  trainer.restore(before);
  const images = isResident(trainer) ? 'first' : 'blank';
  return { type: 'warm-up', steps: runs.flat(), images, predicted };
}

/** Takes the steps of an epoch that are left from `from` on, and says where it stands then. */
async function* oneEpoch(
  trainer: Trainer,
  { network, train, test, batchSize, seed, signal, checkpoint, imagesOfEpoch }: FitOptions,
  images: ImageArray,
  from: TrainingPosition,
  watch: WatchedTrainer,
): AsyncGenerator<TrainingEvent, TrainingPosition, undefined> {
  const { epoch } = from;
  const count = imageCount(train, network);
  const size = featureCount(network.input);
  checkImagesOfEpoch(images, train.images, epoch);
  const batches = new BatchBuffers(images, train.labels, size, batchSize);
  const steps = Math.ceil(count / batchSize);
  let started = performance.now() - from.seconds * 1000;
  // A set that never changes is on the device since the warm-up.
  if (isResident(trainer) && imagesOfEpoch) await trainer.load(images, train.labels);
  const order = orderOfEpoch(seed, epoch, count);
  let seen = from.step * batchSize;
  let { lossSum, correct } = from;
  let step = from.step;
  while (step < steps) {
    const run = stepsOfRun(trainer, steps - step, checkpoint, (epoch - 1) * steps + step, steps);
    const chosen = Array.from({ length: run }, (_, i) =>
      order.subarray(seen + i * batchSize, seen + (i + 1) * batchSize),
    );
    const results = isResident(trainer)
      ? await trainer.stepsByIndex(chosen)
      : await trainer.steps(chosen.map((indices, i) => batches.fill(i, indices)));
    for (const [i, result] of results.entries()) {
      const n = chosen[i]?.length ?? 0;
      step++;
      if (!Number.isFinite(result.loss)) {
        throw new TrainingError(
          `The loss became ${result.loss} in epoch ${epoch}, step ${step}; try a lower learning rate.`,
        );
      }
      seen += n;
      lossSum += result.loss * n;
      correct += result.correct;
      yield { type: 'step', epoch, step, steps, loss: lossSum / seen, accuracy: correct / seen };
    }
    if (step === steps) break;
    const paused = performance.now();
    const position = { epoch, step, lossSum, correct, seconds: (paused - started) / 1000 };
    // An epoch that was not finished has no time and no accuracy to speak of.
    if (signal?.aborted === true) return position;
    if (checkpoint && isCheckpointDue(checkpoint, (epoch - 1) * steps + step, steps)) {
      yield { type: 'checkpoint', snapshot: await watch.snapshot(position) };
      started += performance.now() - paused;
    }
  }
  // A device may still be at work on the last step when its loss is known: the state is read back before the clock stops.
  if (isResident(trainer)) await trainer.state();
  const seconds = (performance.now() - started) / 1000;
  const done: EpochEvent = {
    type: 'epoch',
    epoch,
    seconds,
    loss: lossSum / count,
    accuracy: correct / count,
  };
  const event = test
    ? { ...done, ...(await watch.judged(() => evaluateOn(trainer, network, test))) }
    : done;
  yield event;
  yield* watch.after(event);
  return startOfEpoch(epoch + 1);
}

/** @throws TrainingError where other images for an epoch are not of the kind and number of the training images. */
function checkImagesOfEpoch(images: ImageArray, expected: ImageArray, epoch: number): void {
  if (images === expected) return;
  const wanted = `${expected.length} ${kindOf(expected)} ones`;
  if (!isImages(images)) {
    throw new TrainingError(`The images of epoch ${epoch} are ${shown(images)}, not ${wanted}.`);
  }
  if (images.length !== expected.length || kindOf(images) !== kindOf(expected)) {
    throw new TrainingError(
      `The images of epoch ${epoch} have ${images.length} ${kindOf(images)} values, not ${wanted}.`,
    );
  }
  checkFinite(images, `the images of epoch ${epoch}`);
}

/** How many steps to take before anyone has to be asked: up to the trainer's liking, the epoch's end or a checkpoint. */
function stepsOfRun(
  trainer: Trainer,
  left: number,
  checkpoint: CheckpointSchedule | undefined,
  taken: number,
  stepsOfEpoch: number,
): number {
  const most = Math.min(trainer.stepsPerRun, left);
  if (!checkpoint) return most;
  for (let run = 1; run < most; run++) {
    if (isCheckpointDue(checkpoint, taken + run, stepsOfEpoch)) return run;
  }
  return most;
}
