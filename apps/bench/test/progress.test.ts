import { PassThrough } from 'node:stream';

import { describe, expect, it } from 'vitest';

import {
  chooseProgress,
  lineProgress,
  progressLine,
  roughTime,
  silentProgress,
} from '../src/process/progress.ts';
import { fakeIo } from './fakes.ts';

describe('lines', () => {
  it('start, at most one every ten seconds with the time left, end', () => {
    let now = 0;
    let text = '';
    const task = lineProgress(
      (line) => (text += line),
      () => now,
    ).task('k-NN', 100, 'queries');
    for (const [time, value] of [
      [5000, 10],
      [10_000, 20],
      [11_000, 25],
      [25_000, 50],
    ] as const) {
      now = time;
      task.update(value, 'going well');
    }
    task.update(100);
    now = 50_000;
    task.finish();
    expect(text.split('\n')).toEqual([
      'k-NN: 100 queries',
      'k-NN: 20 of 100 queries, going well, 40 s left',
      'k-NN: 50 of 100 queries, going well, 25 s left',
      'k-NN: done after 50.0 s',
      '',
    ]);
  });

  it('says where it stopped, and keeps logged lines', () => {
    let text = '';
    const task = lineProgress((line) => (text += line)).task('CNN', 4, 'steps');
    task.log('epoch 1: fine');
    task.update(2);
    task.finish();
    expect(text).toMatch(
      /^CNN: 4 steps\nepoch 1: fine\nCNN: stopped at 2 of 4 steps after 0\.\d s\n$/,
    );
  });
});

it('time left is as exact as an estimate deserves', () => {
  const cases = [0.2, 75, 130, 3600, 11_100, Number.NaN].map(roughTime);
  expect(cases).toEqual(['1 s', '75 s', '2 min', '60 min', '3 h 5 min', 'unknown']);
});

it.each([
  [
    120,
    'CNN ██████████░░░░░░░░░░░░░░ 42% | 39375 of 93750 steps | 12 min left | epoch 22 of 50, loss 0.2345',
  ],
  [80, 'CNN █████░░░░░░░ 42% | 12 min left | epoch 22 of 50, loss 0.2345'],
  [60, 'CNN 42% | 12 min left | epoch 22 of 50, loss 0.2345'],
  [40, 'CNN 42% | epoch 22 of 50, loss 0.2345'],
  [20, 'CNN 42%'],
  [5, '42%'],
])('%i columns: what fits, and never half a word', (columns, line) => {
  const fields = {
    label: 'CNN',
    unit: 'steps',
    left: '12 min',
    note: 'epoch 22 of 50, loss 0.2345',
  };
  expect(progressLine(columns, { ...fields, value: 39_375, total: 93_750 })).toBe(line);
});

describe('choice', () => {
  it.each(['lines', 'bars'])(
    '%s: a text from outside stays on its line and steers nothing',
    (kind) => {
      const terminal = new PassThrough();
      const io = kind === 'bars' ? { ...fakeIo(), terminal } : fakeIo();
      const progress = chooseProgress(false, io);
      progress.note('it ended: \u001b]0;title\u0007\nforged\r');
      const text = kind === 'bars' ? String(terminal.read()) : io.err();
      expect(text).toBe('it ended: \\u001b]0;title\\u0007 forged \n');
    },
  );

  it('is silent when quiet, lines into a pipe', () => {
    const io = fakeIo();
    chooseProgress(true, io).note('x');
    expect(io.err()).toBe('');
    expect(chooseProgress(true, io)).toBe(silentProgress);
    chooseProgress(false, io).note('x');
    expect(io.err()).toBe('x\n');
  });

  it('draws bars on a terminal, with logged lines above them', () => {
    let drawn = '';
    const pass = new PassThrough();
    pass.on('data', (data: Buffer) => (drawn += data.toString()));
    const terminal = Object.assign(pass, { isTTY: true, columns: 120, rows: 30 });
    const io = { ...fakeIo(), terminal };
    const progress = chooseProgress(false, io);
    const task = progress.task('CNN', 10, 'steps');
    task.update(5, 'loss 0.5');
    task.log('epoch 1: fine');
    progress.note('stopping');
    task.finish();
    progress.note('the end');
    expect(drawn).toContain('CNN');
    expect(drawn).toContain('epoch 1: fine\n');
    expect(drawn).toContain('5 of 10 steps');
    // The bar is cleared before a note and drawn again after it.
    const [, after] = drawn.split('[2Kstopping\n');
    expect(after).toContain('5 of 10 steps');
    expect(drawn).toMatch(/the end\n$/);
  });
});
