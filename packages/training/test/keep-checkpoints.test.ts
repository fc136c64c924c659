import { readdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from '@fashion-bench/files';
import { describe, expect, test } from 'vitest';
import {
  adam,
  CheckpointFolder,
  configurationOf,
  fit,
  fitInWorker,
  keepCheckpoints,
  resumable,
  type Checkpoint,
  type FitOptions,
  type KeepOptions,
  type TrainingEvent,
} from '../src/index.ts';
import { networkOf, smallStudyNet } from './networks.ts';
import { collect, figuresOf, squares, tinyTraining } from './runs.ts';
import { checkpointAt, FailingDisk, scratchFolder } from './support/checkpoints.ts';

const options: FitOptions = { ...tinyTraining, epochs: 2, checkpoint: { everySteps: 3 } };
const configuration = configurationOf(options);

async function* until(
  step: number,
  events: AsyncIterable<TrainingEvent>,
): AsyncGenerator<TrainingEvent, void, undefined> {
  let seen = 0;
  for await (const event of events) {
    yield event;
    if (event.type === 'step' && ++seen === step) return;
  }
}

async function newestIn(folder: CheckpointFolder): Promise<Checkpoint> {
  const found = await folder.newest();
  if (!found) throw new Error('no checkpoint');
  return found.checkpoint;
}

describe('keepCheckpoints', () => {
  // Each thread takes seconds to start.
  test.each([
    ['in this thread', fit, [4, 7, 11]],
    ['in a thread of its own', fitInWorker, [7]],
  ] as const)(
    '%s: what is left behind at any step goes on to the same end',
    async (_, run, stops) => {
      const whole = await collect(run(options));
      for (const step of stops) {
        const folder = new CheckpointFolder(join(scratchFolder(), 'c'));
        for await (const event of until(
          step,
          keepCheckpoints(run(options), { folder, configuration }),
        ))
          expect(event.type).not.toBe('end');
        const checkpoint = await newestIn(folder);
        const { history } = checkpoint;
        const resume = resumable(checkpoint, configuration);
        expect(resume.state.step).toBeGreaterThan(0);
        const again = run({ ...options, resume });
        const rest = await collect(keepCheckpoints(again, { folder, configuration, history }));
        expect(rest.end).toEqual(whole.end);
        expect(figuresOf([...history, ...rest.epochs])).toEqual(figuresOf(whole.epochs));
        const last = await newestIn(folder);
        expect(last.snapshot.state).toEqual(whole.end.state);
        expect(figuresOf(last.history)).toEqual(figuresOf(whole.epochs));
      }
    },
  );

  test('a slow disk takes the newest; the training does not wait, and the last one is written', async () => {
    const path = join(scratchFolder(), 'c');
    const openFile: OpenFile = async (file, flags) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      return open(file, flags);
    };
    const saved: string[] = [];
    const { end, snapshots } = await collect(
      keepCheckpoints(fit({ ...options, checkpoint: { everySteps: 1 } }), {
        ...{ folder: new CheckpointFolder(path, { openFile }), configuration },
        onSaved: (file) => saved.push(file),
      }),
    );
    expect(snapshots).toHaveLength(14);
    expect(saved.length).toBeLessThan(14);
    const last = await newestIn(new CheckpointFolder(path));
    expect(last.snapshot.state).toEqual(end.state);
    expect(last.snapshot.position.epoch).toBe(3);
  });

  test('a disk that fails: the training goes on and says so; recovered, it writes again', async () => {
    const path = join(scratchFolder(), 'c');
    const disk = new FailingDisk('write', 'ENOSPC');
    const problems: string[] = [];
    const keep: KeepOptions = {
      ...{ folder: new CheckpointFolder(path, disk), configuration },
      onProblem: ({ code }) => {
        problems.push(code);
        disk.failing = false;
      },
    };
    const whole = await collect(fit(options));
    const { end } = await collect(keepCheckpoints(fit(options), keep));
    expect(end).toEqual(whole.end);
    expect(problems).toEqual(['no-space']);
    const last = await newestIn(new CheckpointFolder(path));
    expect(last.snapshot.state).toEqual(end.state);
  });

  test('what is no matter of the disk is thrown', async () => {
    const folder = new CheckpointFolder(join(scratchFolder(), 'c'));
    const keep: KeepOptions = {
      ...{ folder, configuration },
      onSaved: () => {
        throw new RangeError('a bug');
      },
    };
    await expect(collect(keepCheckpoints(fit(options), keep))).rejects.toThrow('a bug');
  });

  test('nothing is asked for, nothing is written', async () => {
    const parent = scratchFolder();
    const folder = new CheckpointFolder(join(parent, 'c'));
    await collect(keepCheckpoints(fit(tinyTraining), { folder, configuration }));
    expect(readdirSync(parent)).toEqual([]);
  });
});

describe('going on with another training is refused, with the difference named', () => {
  const other = networkOf(smallStudyNet());
  const cases: [string, Partial<FitOptions>, string][] = [
    ['epochs', { epochs: 9 }, 'epochs (2 there, 9 here)'],
    ['batch size', { batchSize: 8 }, 'batchSize (16 there, 8 here)'],
    ['seed', { seed: 1 }, 'seed (42 there, 1 here)'],
    ['threads', { threads: 2 }, 'threads (1 there, 2 here)'],
    ['engine', { engine: 'reference' }, 'engine (onnx-cpu there, reference here)'],
    ['optimizer', { optimizer: adam() }, 'optimizer learningRate (0.01 there, 0.001 here)'],
    ['network', { network: other }, 'layer 1 ({"kind":"conv2d"'],
    ['data', { train: squares(103, 9) }, 'training data (SHA-256 '],
    ['test data', { test: squares(50, 9) }, 'test data (SHA-256 '],
    ['less data', { train: squares(90, 1) }, 'trainCount (103 there, 90 here)'],
    ['weights', { weights: options.weights.map((w) => w * 2) }, 'initial weights (SHA-256 '],
    ['images', { imagesOfEpoch: () => options.train.images }, 'images every epoch (false there'],
  ];
  test.each(cases)('%s', async (_, change, words) => {
    const folder = new CheckpointFolder(join(scratchFolder(), 'c'));
    const events = until(4, keepCheckpoints(fit(options), { folder, configuration }));
    await expect(collect(events)).rejects.toThrow('no end event');
    const checkpoint = await newestIn(folder);
    expect(() => resumable(checkpoint, configurationOf({ ...options, ...change }))).toThrow(words);
    expect(resumable(checkpoint, configurationOf(options))).toEqual(checkpoint.snapshot);
  });

  test('several at once, what the caller added, and names of layers do not count', () => {
    const before = { ...configuration, augment: 'once' };
    const checkpoint = { ...checkpointAt(1), configuration: before };
    const here = configurationOf({ ...options, epochs: 3 }, { augment: 'none' });
    expect(() => resumable(checkpoint, here)).toThrow(
      /^The checkpoint belongs to another training, which differs in epochs \(2 there, 3 here\), augment \(once there, none here\); .*\.$/,
    );
    expect(configurationOf({ ...options, network: networkOf(smallStudyNet()) })).toEqual(
      configurationOf({ ...options, network: networkOf(smallStudyNet()) }),
    );
  });
});

test('other random numbers than those that are drawn today are refused', async () => {
  const folder = new CheckpointFolder(join(scratchFolder(), 'c'));
  const streams: KeepOptions['streams'] = ({ position }) => [
    { name: 'erasing', counters: [position.epoch, 0] },
  ];
  const keep = { folder, configuration, streams };
  for await (const event of until(4, keepCheckpoints(fit(options), keep)))
    expect(event.type).not.toBe('end');
  const checkpoint = await newestIn(folder);
  expect(checkpoint.streams.map(({ name, counters, seed }) => [name, seed, ...counters])).toEqual([
    ['shuffle', 42, 1],
    ['dropout', 42, 0, 3],
    ['erasing', 42, 1, 0],
  ]);
  const changed = checkpoint.streams.map((state, i) => (i === 2 ? { ...state, first: 1 } : state));
  expect(() => resumable({ ...checkpoint, streams: changed }, configuration)).toThrow('"erasing"');
  const order = checkpoint.order?.toReversed() ?? null;
  expect(() => resumable({ ...checkpoint, order }, configuration)).toThrow('"shuffle"');
});
