/**
 * `bench cnn`: the study's network or the published one, trained and evaluated after every epoch. The training runs in
 * a thread of its own; this part listens to it, keeps the record up to date, and looks at the trained network at the
 * end.
 */

import { createHash } from 'node:crypto';

import { predict, type Predictions, type TrainCnnOptions } from '@fashion-bench/cnn';
import { EngineUnavailableError } from '@fashion-bench/engine';
import type { CnnRun, EpochResult, ReachedMark, Resumption } from '@fashion-bench/report';
import {
  type EpochEvent,
  isTrainerEngine,
  type TrainingEvent,
  weightsOf,
} from '@fashion-bench/training';

import { trainingsOf } from '../../command-line/settings.ts';
import { confusionOf, correctOf } from '../../data/confusion.ts';
import { type Eraser, eraserOf } from '../../data/erasing.ts';
import { erasedImages, firstOfEachClass, plateImages } from '../../data/samples.ts';
import { OutputError } from '../../process/errors.ts';
import type { RunContext } from '../../run/context.ts';
import { checkpointed, removeCheckpoints } from './checkpointing.ts';
import { hasModelFiles, saveModelFiles } from './model-files.ts';
import { networkName, newNetwork, optimizerOf } from './networks.ts';
import { describeWarmUp } from './warm-up.ts';

/** Published networks of this kind lie at these test accuracies. */
const MARKS = [0.916, 0.92];

/** One training after the other, each with its own seed. */
export async function runCnn(context: RunContext): Promise<void> {
  const trainings = trainingsOf(context.settings);
  for (const [index, training] of trainings.entries()) {
    context.signal.throwIfAborted();
    const settings = { ...context.settings, ...training };
    const own = { ...context, settings };
    const name = index === 0 ? 'model' : `model-seed${settings.seed}`;
    if (!isDone(own, name)) await runTraining(own, name, index === 0);
    await removeCheckpoints(own);
  }
}

/** Whether an interrupted run has everything that this training leaves behind: record, predictions and model files. */
function isDone({ settings, journal, resumed }: RunContext, name: string): boolean {
  const run = resumed ? journal.cnnRun(settings.seed, settings.batchSize) : undefined;
  if (run?.weightsSha256 === undefined) return false;
  // Without a confusion matrix there were no predictions to keep, see `keep`.
  if (run.confusion !== null && !journal.predictions.hasCnn(run)) return false;
  return hasModelFiles(journal.folder.path, name);
}

function sha256Of(weights: Float32Array): string {
  const bytes = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * @param name of the model files, without extension
 * @param plates whether the images that the report shows are taken from this one
 */
async function runTraining(context: RunContext, name: string, plates: boolean): Promise<void> {
  const { settings, data, engine, threads, signal, journal } = context;
  const { id } = engine;
  if (!isTrainerEngine(id)) {
    throw new EngineUnavailableError(
      engine.id,
      'this version has no trainer for it; choose onnx-cpu or reference instead.',
    );
  }
  const eraser = eraserOf(settings.augment, data.train.images, settings.seed);
  const model = newNetwork(settings);
  try {
    const options: TrainCnnOptions = {
      engine: id,
      train: { images: eraser.images, labels: data.train.labels },
      test: data.test,
      epochs: settings.epochs,
      batchSize: settings.batchSize,
      optimizer: optimizerOf(settings),
      seed: settings.seed,
      threads,
      signal,
      imagesOfEpoch: eraser.imagesOfEpoch,
    };
    const { events, history, resumption } = await checkpointed(model, options, context);
    for (let epoch = 1; epoch < (resumption?.epoch ?? 1); epoch++) eraser.imagesOfEpoch?.(epoch);
    // Of a training that begins at its first step again nothing is left.
    const before =
      resumption === null ? undefined : journal.cnnRun(settings.seed, settings.batchSize);
    const resumptions = resumption === null ? [] : [...(before?.resumptions ?? []), resumption];
    const epochs = history.map((event) => {
      const known = before?.epochs.find(({ epoch }) => epoch === event.epoch);
      // A checkpoint can be one epoch ahead of the record.
      return testedEpoch(event, known === undefined ? journal.stretch - 1 : (known.stretch ?? 1));
    });
    const state: TrainingState = {
      tested: epochs,
      status: 'interrupted',
      warmup: 'none',
      peakMemoryBytes: Math.max(before?.peakMemoryBytes ?? 0, process.memoryUsage.rss()),
    };
    const runOf = newRun(context, model.countParams(), eraser, resumptions);
    const save = (): Promise<void> => journal.setCnn(runOf(state));
    // From here on there is a record, and with it a run that can be resumed.
    await save();
    await follow(events, state, save, context);
    await save();
    signal.throwIfAborted();
    const ended = { ...runOf(state), weightsSha256: sha256Of(weightsOf(model)) };
    const predicted = await predict(model, data.test.images, { engine: id, threads });
    if (plates) keepImages(predicted, context);
    await keep(ended, predicted, context);
    await saveModelFiles(model, name, context);
  } finally {
    model.dispose();
  }
}

/**
 * Confusion matrix and probabilities. The training thread counted with the same weights, so
 * the two agree; should an engine ever not repeat itself, nothing is better than what contradicts the accuracy beside it.
 */
async function keep(
  run: CnnRun,
  { labels: predicted, probabilities }: Predictions,
  { data: { test }, journal }: RunContext,
): Promise<void> {
  const confusion = confusionOf(test.labels, predicted, test.classNames.length);
  const agrees = correctOf(confusion) === run.correct;
  await journal.setCnn({ ...run, confusion: agrees ? confusion : null });
  if (agrees) journal.predictions.setCnn(run, test.labels, predicted, probabilities);
  await journal.savePredictions();
}

function keepImages(
  { labels: predicted }: Predictions,
  { data: { train, test }, settings, journal: { predictions } }: RunContext,
): void {
  const erased = erasedImages(settings.augment, train.images, settings.seed);
  predictions.setErased(erased);
  const shown = erased.map(({ index }) => index);
  predictions.addImages('train', train, [...firstOfEachClass(train), ...shown]);
  predictions.addImages('test', test, plateImages(test.labels, predicted));
}

/** How far a training has come in this process. */
interface TrainingState {
  readonly tested: TestedEpoch[];
  status: CnnRun['status'];
  warmup: string;
  peakMemoryBytes: number;
}

/** What the record says of a training, in every state that it comes to. */
function newRun(
  { settings, data, engine, threads }: RunContext,
  parameters: number,
  eraser: Eraser,
  resumptions: readonly Resumption[],
): (state: TrainingState) => CnnRun {
  const { name, ...options } = optimizerOf(settings);
  const optimizer = Object.fromEntries(
    Object.entries(options).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
  return ({ tested, status, peakMemoryBytes, warmup }) => {
    const epochs = tested.map(({ result }) => result);
    const last = tested.at(-1);
    return {
      engine: engine.id,
      precision: 'float32',
      threads: engine.id === 'reference' ? 1 : threads,
      network: { name: networkName(settings), parameters },
      optimizer: { name, settings: optimizer },
      loss: 'categorical cross-entropy',
      batchSize: settings.batchSize,
      epochsRequested: settings.epochs,
      seed: settings.seed,
      trainCount: data.train.labels.length,
      augment: eraser.info(),
      warmup,
      epochs,
      status,
      finalTestAccuracy: last === undefined ? null : last.correct / last.total,
      correct: last?.correct ?? null,
      total: last?.total ?? null,
      trainSeconds: epochs.reduce((sum, { seconds }) => sum + seconds, 0),
      predictSeconds: last?.result.evaluationSeconds ?? null,
      peakMemoryBytes,
      reached: MARKS.map((mark) => reachedMark(mark, epochs)),
      confusion: null,
      ...(resumptions.length > 0 && { resumptions }),
    };
  };
}

interface TestedEpoch {
  readonly result: EpochResult;
  readonly correct: number;
  readonly total: number;
}

/** Listens to a training until its end; the record grows by every epoch. */
async function follow(
  events: AsyncIterable<TrainingEvent>,
  state: TrainingState,
  save: () => Promise<void>,
  { settings, data, progress, journal }: RunContext,
): Promise<void> {
  const stepsEach = Math.ceil(data.train.labels.length / settings.batchSize);
  const name = settings.repeats > 1 ? `CNN, seed ${settings.seed}` : 'CNN';
  const task = progress.task(name, settings.epochs * stepsEach, 'steps');
  let told = false;
  try {
    for await (const event of events) {
      state.peakMemoryBytes = Math.max(state.peakMemoryBytes, process.memoryUsage.rss());
      switch (event.type) {
        case 'warm-up':
          state.warmup = describeWarmUp(event);
          break;
        case 'step': {
          const note = `epoch ${event.epoch} of ${settings.epochs}, loss ${event.loss.toFixed(4)}`;
          task.update((event.epoch - 1) * stepsEach + event.step, note);
          break;
        }
        case 'epoch': {
          const tested = testedEpoch(event, journal.stretch);
          state.tested.push(tested);
          try {
            await save();
          } catch (error) {
            // An hour of training is worth more than the record of its middle; at the end it must be written.
            if (!(error instanceof OutputError) || error.code === 'in-use') throw error;
            if (!told) task.log(`${error.message} The training goes on without it for now.`);
            told = true;
          }
          task.log(epochLine(tested.result, settings.epochs));
          break;
        }
        case 'end':
          state.status = event.status;
      }
    }
  } finally {
    task.finish();
  }
}

function testedEpoch(event: EpochEvent, stretch: number): TestedEpoch {
  const { epoch, seconds, loss, accuracy, testCorrect = 0, testTotal = 0 } = event;
  return {
    correct: testCorrect,
    total: testTotal,
    result: {
      epoch,
      seconds,
      loss,
      accuracy,
      testAccuracy: event.testAccuracy ?? null,
      testLoss: event.testLoss ?? null,
      evaluationSeconds: event.evaluationSeconds ?? null,
      ...(stretch > 1 && { stretch }),
    },
  };
}

function epochLine(result: EpochResult, epochs: number): string {
  const { epoch, seconds, loss, accuracy, testAccuracy } = result;
  return [
    `Epoch ${epoch} of ${epochs}: loss ${loss?.toFixed(4) ?? 'not finite'}`,
    `accuracy ${accuracy.toFixed(4)}`,
    ...(testAccuracy === null ? [] : [`test accuracy ${testAccuracy.toFixed(4)}`]),
    `${seconds.toFixed(1)} s`,
  ].join(', ');
}

/** The first epoch at or above a test accuracy, and the training time until its end. */
export function reachedMark(testAccuracy: number, epochs: readonly EpochResult[]): ReachedMark {
  const index = epochs.findIndex((epoch) => (epoch.testAccuracy ?? 0) >= testAccuracy);
  if (index < 0) return { testAccuracy, epoch: null, trainSeconds: null };
  const until = epochs.slice(0, index + 1);
  return {
    testAccuracy,
    epoch: index + 1,
    trainSeconds: until.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}
