import { describe, expect, test } from 'vitest';
import { fit, fitInWorker, type FitOptions, type TrainingEvent } from '../src/index.ts';
import { absentEngines, presentEngines } from './engines.ts';
import { collect, figuresOf, squares, tinyTraining } from './runs.ts';

/** Two epochs of 7 steps, other images in each. */
const options: FitOptions = {
  ...tinyTraining,
  epochs: 2,
  imagesOfEpoch: (epoch) => squares(103, epoch).images,
};

test.skip.each(absentEngines)('%s%s', () => undefined);

describe.each(presentEngines)('%s', (engine) => {
  const training = { ...options, engine };

  test('from every place it goes on to the same weights, moments and figures, to the bit', async () => {
    const whole = await collect(fit({ ...training, checkpoint: { everySteps: 1 } }));
    expect(whole.snapshots.map(({ position: { epoch, step } }) => [epoch, step])).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((step) => [1, step]),
      ...[0, 1, 2, 3, 4, 5, 6].map((step) => [2, step]),
      [3, 0],
    ]);
    // The reference engine takes a while: the middle of an epoch, its end and the very end stand for all. A device without
    // hardware compiles its graphs for seconds in every run.
    const few = new Map<string, number[]>([
      ['reference', [2, 6, 13]],
      ['onnx-webgpu', [2]],
    ]).get(engine);
    const chosen = few ? few.map((i) => whole.snapshots[i]) : whole.snapshots;
    for (const resume of chosen) {
      if (!resume) throw new Error('no such snapshot');
      const rest = await collect(fit({ ...training, resume }));
      expect(rest.steps).toBe(14 - resume.state.step);
      expect(rest.end).toEqual(whole.end);
      const left = whole.epochs.filter(({ epoch }) => epoch >= resume.position.epoch);
      expect(figuresOf(rest.epochs)).toEqual(figuresOf(left));
    }
  });
});

test('asking for checkpoints changes nothing', async () => {
  const [without, every] = [
    await collect(fit(options)),
    await collect(fit({ ...options, checkpoint: { everySteps: 1 } })),
  ];
  expect(without.snapshots).toEqual([]);
  expect(every.end).toEqual(without.end);
});

test('every so many epochs, and at the end', async () => {
  const { snapshots } = await collect(
    fit({ ...options, epochs: 5, checkpoint: { everyEpochs: 2 } }),
  );
  expect(snapshots.map(({ state, position: { epoch } }) => [state.step, epoch])).toEqual([
    [14, 3],
    [28, 5],
    [35, 6],
  ]);
});

describe('stopped by a signal', () => {
  /** Stops at this step of the whole training. */
  async function* stopAt(step: number, training: FitOptions): AsyncGenerator<TrainingEvent> {
    const stop = new AbortController();
    let seen = 0;
    for await (const event of fit({ ...training, signal: stop.signal })) {
      if (event.type === 'step' && ++seen === step) stop.abort();
      yield event;
    }
  }

  const uninterrupted = collect(fit(options));

  // In a thread of its own, which takes seconds to start, once.
  test.each([
    [1, fit],
    [6, fit],
    [7, fitInWorker],
    [8, fit],
    [13, fit],
  ] as const)('at step %i: a last snapshot, from where it ends alike', async (at, run) => {
    // A run of several steps ends before it listens; with a checkpoint due after every step each run has one.
    const training = { ...options, checkpoint: { everySteps: 1 } };
    const whole = await uninterrupted;
    const stopped = await collect(stopAt(at, training));
    expect(stopped.end.status).toBe('interrupted');
    const resume = stopped.snapshots.at(-1);
    expect(resume?.state).toEqual(stopped.end.state);
    expect(resume?.state.step).toBe(at);
    const rest = await collect(run({ ...training, ...(resume && { resume }) }));
    expect(rest.end).toEqual(whole.end);
    expect(figuresOf([...stopped.epochs, ...rest.epochs])).toEqual(figuresOf(whole.epochs));
  });

  test('at the very last step it is complete', async () => {
    const stopped = await collect(stopAt(14, options));
    expect(stopped.end.status).toBe('completed');
  });
});

test('the time of an epoch is the sum of its parts', async () => {
  const { snapshots } = await collect(fit({ ...options, checkpoint: { everySteps: 3 } }));
  const [resume] = snapshots;
  if (!resume) throw new Error('no snapshot');
  const before = { ...resume, position: { ...resume.position, seconds: 1000 } };
  const { epochs } = await collect(fit({ ...options, resume: before }));
  expect(epochs[0]?.seconds).toBeGreaterThan(1000);
  expect(epochs[1]?.seconds).toBeLessThan(1000);
});

describe('refused', () => {
  test.each([
    [{ checkpoint: { everyEpochs: 0 } }, 'The option checkpoint.everyEpochs is 0'],
    [{ checkpoint: { everySteps: 1.5 } }, 'The option checkpoint.everySteps is 1.5'],
  ])('%o', async (wrong, message) => {
    await expect(collect(fit({ ...options, ...wrong }))).rejects.toThrow(message);
  });

  test('a snapshot of another training', async () => {
    const { snapshots } = await collect(fit({ ...options, checkpoint: { everyEpochs: 1 } }));
    const [one, end] = snapshots;
    if (!one || !end) throw new Error('no snapshots');
    const resume = (training: FitOptions): Promise<unknown> => collect(fit(training));
    await expect(resume({ ...options, batchSize: 8, resume: one })).rejects.toThrow(
      'A state after 7 steps cannot go on at epoch 2, step 0 of a training of 2 epochs with 13 steps each.',
    );
    await expect(resume({ ...options, epochs: 1, resume: end })).rejects.toThrow('cannot go on');
    const weights = one.state.weights.slice(1);
    const cut = { ...one, state: { ...one.state, weights } };
    await expect(resume({ ...options, resume: cut })).rejects.toThrow('does not fit a network');
  });
});
