/** Interrupted trainings and what becomes of them, with the real network on a few drawn images. */

import { existsSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import type { OpenFile } from '@fashion-bench/files';
import type { CnnRun } from '@fashion-bench/report';
import { describe, expect, it } from 'vitest';

import { realServices } from '../src/services.ts';
import { bench, fakeIo, type Outcome, recordIn, systemError, temporaryFolder } from './fakes.ts';

// Several threads that wait for each other take more of the processor than so few images.
const DATA = ['--synthetic', '--train-limit', '60', '--test-limit', '20', '--threads', '1'];
const TRAINING = [...DATA, '--batch-size', '16', '--epochs', '3', '--augment', 'epoch'];

/** What an interruption must not change: everything but times and memory. */
function figuresOf({ weightsSha256, epochs, augment, confusion, status }: CnnRun): unknown {
  const figures = epochs.map(({ epoch, loss, accuracy, testAccuracy, testLoss }) => ({
    ...{ epoch, loss, accuracy, testAccuracy, testLoss },
  }));
  return { weightsSha256, figures, augment, confusion, status };
}

/** Sends SIGTERM once standard error says so. */
async function stoppedAt(words: string, argv: readonly string[]): Promise<Outcome> {
  const io = fakeIo();
  const stderr = {
    write: (text: string) => {
      io.stderr.write(text);
      if (text.includes(words)) io.stop('SIGTERM');
    },
  };
  const outcome = await bench(argv, realServices, { ...io, stderr });
  return outcome;
}

describe('--resume', () => {
  it('ends with the weights and figures of a run that was never stopped, over several trainings', async () => {
    const whole = join(temporaryFolder(), 'whole');
    const halves = join(temporaryFolder(), 'halves');
    const argv = ['cnn', ...TRAINING, '--repeats', '2'];
    expect((await bench([...argv, '--out', whole])).code).toBe(0);
    const first = await stoppedAt('Epoch 1 of 3', [...argv, '--out', halves]);
    expect(first.code).toBe(143);
    expect(readdirSync(join(halves, 'checkpoints-seed42')).length).toBeGreaterThan(0);
    const second = await bench(['cnn', '--resume', halves]);
    expect(second.code).toBe(0);
    expect(second.err).toContain('Going on in epoch');
    const [there, here] = [recordIn(whole), recordIn(halves)];
    expect(here.run.status).toBe('completed');
    expect(here.cnn.map(figuresOf)).toEqual(there.cnn.map(figuresOf));
    expect(here.cnn[0]?.weightsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(here.cnn[0]?.resumptions).toHaveLength(1);
    expect(here.cnn[1]?.resumptions).toBeUndefined();
    expect(readdirSync(halves).sort()).toEqual(readdirSync(whole).sort());
    expect(existsSync(join(halves, 'checkpoints-seed42'))).toBe(false);
    const third = await bench(['cnn', '--resume', halves]);
    expect(third).toMatchObject({ code: 2, out: '' });
    expect(third.err).toContain('is complete');
  });

  it('passes over a damaged newest checkpoint, says so, and ends with the same weights', async () => {
    const [whole, damaged] = [temporaryFolder(), temporaryFolder()].map((at) => join(at, 'run'));
    if (whole === undefined || damaged === undefined) throw new Error('two folders');
    const argv = ['cnn', ...TRAINING, '--epochs', '2'];
    await bench([...argv, '--out', whole]);
    await stoppedAt('Epoch 1 of 2', [...argv, '--out', damaged]);
    const folder = join(damaged, 'checkpoints');
    const checkpoints = readdirSync(folder).sort();
    expect(checkpoints).toHaveLength(2);
    truncateSync(join(folder, checkpoints[1] ?? ''), 1000);
    const outcome = await bench(['cnn', '--resume', damaged]);
    expect(outcome.code).toBe(0);
    expect(outcome.err).toMatch(/is damaged: .*\. The checkpoint before it is used\./);
    expect(recordIn(damaged).cnn.map(figuresOf)).toEqual(recordIn(whole).cnn.map(figuresOf));
  });

  it('goes on with the network, optimizer and rate that it was begun with', async () => {
    const out = join(temporaryFolder(), 'run');
    const other = ['--network', 'published', '--optimizer', 'adam', '--learning-rate', '0.002'];
    const argv = ['cnn', ...TRAINING, '--batch-size', '60', '--epochs', '2', ...other];
    expect((await stoppedAt('Epoch 1 of 2', [...argv, '--out', out])).code).toBe(143);
    expect((await bench(['cnn', '--resume', out])).code).toBe(0);
    const [run] = recordIn(out).cnn;
    expect(run?.epochs).toHaveLength(2);
    expect(run?.network.name).toBe('2 Conv+pooling');
    expect(run?.optimizer).toMatchObject({ name: 'adam', settings: { learningRate: 0.002 } });
  });

  it('refuses what would make it another run, naming it', async () => {
    const out = join(temporaryFolder(), 'run');
    await stoppedAt('Epoch 1 of 3', ['cnn', ...TRAINING, '--out', out]);
    const before = recordIn(out);
    for (const [words, sentence] of [
      [['--epochs', '4'], '--epochs is 3 in '],
      [['--batch-size', '8'], '--batch-size is 16 in '],
      [['--network', 'published'], '--network is study in '],
      [['--optimizer', 'sgd'], '--optimizer is adam in '],
      [['--learning-rate', '0.01'], '--learning-rate is 0.001 in '],
      [['--threads', '63'], '--threads is '],
      [['--seed', '3'], '--seed is 42 in '],
      [['--k', '3'], '--k belongs to '],
      [['--out', 'elsewhere'], 'leave --out out'],
      [['--quick'], 'was begun without --quick'],
    ] as const) {
      const outcome = await bench(['cnn', '--resume', out, ...words]);
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.err).toContain(sentence);
    }
    expect(recordIn(out)).toEqual(before);
  });

  it('refuses another data set, naming the difference', async () => {
    const out = join(temporaryFolder(), 'run');
    await stoppedAt('Epoch 1 of 3', ['cnn', ...TRAINING, '--out', out]);
    const outcome = await bench(['cnn', '--resume', out], {
      ...realServices,
      loadImages: async (settings, hooks) => {
        const data = await realServices.loadImages(settings, hooks);
        const images = data.train.images.map((pixel) => 255 - pixel);
        return { ...data, train: { ...data.train, images } };
      },
    });
    expect(outcome.code).not.toBe(0);
    expect(outcome.err).toContain('training data (SHA-256');
  });

  it('needs a run', async () => {
    expect((await bench(['cnn', '--resume', temporaryFolder()])).err).toContain(
      'There is no record at',
    );
  });
});

describe('a disk that fails during a training', () => {
  it('checkpoints: it is said once, and the training goes on', async () => {
    const out = join(temporaryFolder(), 'run');
    const outcome = await bench(['cnn', ...TRAINING, '--out', out], {
      ...realServices,
      loadImages: (settings, hooks) => {
        writeFileSync(join(out, 'checkpoints'), 'a file where the folder should be');
        return realServices.loadImages(settings, hooks);
      },
    });
    expect(outcome.code).toBe(0);
    expect(outcome.err.match(/No checkpoint could be written/g)).toHaveLength(1);
    expect(outcome.err).toContain('the training goes on');
    expect(recordIn(out).cnn[0]?.epochs).toHaveLength(3);
  });

  it('record: it is said, and the record is whole at the end', async () => {
    const out = join(temporaryFolder(), 'run');
    let writes = 0;
    const openFile: OpenFile = (path, flags) =>
      // The second record of this run is that of its first epoch.
      path.includes('record.json') && ++writes === 2
        ? Promise.reject(systemError('ENOSPC'))
        : open(path, flags);
    const files = { openFile };
    const outcome = await bench(['cnn', ...TRAINING, '--out', out], { ...realServices, files });
    expect(outcome.code).toBe(0);
    expect(outcome.err).toMatch(/The disk is full: .*The training goes on/);
    expect(recordIn(out).cnn[0]).toMatchObject({ status: 'completed' });
  });
});
