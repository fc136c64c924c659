import { syntheticFashion } from '@fashion-bench/dataset';
import { describe, expect, it } from 'vitest';

import { eraserCases } from '../src/eraser.ts';
import { kernelCases } from '../src/kernels.ts';
import { measure, tableOf } from '../src/suite.ts';

describe('measure', () => {
  it('calls each case once to warm up and as often as asked, in their order', async () => {
    const calls: string[] = [];
    const cases = ['a', 'b'].map((name) => ({ name, work: 2, call: () => calls.push(name) }));
    const rows = await measure(cases, { iterations: 3 });
    expect(calls.filter((name) => name === 'a')).toHaveLength(4);
    expect(calls.filter((name) => name === 'b')).toHaveLength(4);
    expect(rows.map(({ name, n }) => [name, n])).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
    for (const { minSeconds, medianSeconds, perSecond } of rows) {
      expect(minSeconds).toBeLessThanOrEqual(medianSeconds);
      expect(perSecond).toBeCloseTo(2 / medianSeconds, 6);
    }
  });

  it('hands on what a case throws', async () => {
    const call = (): never => {
      throw new Error('broke');
    };
    await expect(measure([{ name: 'x', work: 1, call }], { iterations: 1 })).rejects.toThrow(
      'broke',
    );
  });
});

it('the table has one line for each case', () => {
  const row = { n: 3, medianSeconds: 0.25, sdSeconds: 0.01, minSeconds: 0.2, perSecond: 8 };
  expect(tableOf([{ name: 'a', ...row }], 'images/s')).toBe(
    '| case | n | median | sd | min | images/s |\n| --- | --: | --: | --: | --: | --: |\n' +
      '| a | 3 | 250 ms | 10.0 ms | 200 ms | 8.00 |\n',
  );
});

describe('suites', () => {
  const { images } = syntheticFashion({ seed: 1, train: 30, test: 1 }).train;

  it('kernels: three at each size, on the same block, with the work counted', async () => {
    const { cases, dispose } = await kernelCases(images, 4, [10, 30]);
    const rows = await measure(cases, { iterations: 1 });
    await dispose();
    expect(rows.map(({ name }) => name)).toEqual([
      ...['naive, 4 x 10', 'expanded, 4 x 10', 'exact, 4 x 10'],
      ...['naive, 4 x 30', 'expanded, 4 x 30', 'exact, 4 x 30'],
    ]);
    expect(cases[0]?.work).toBe((2 * 4 * 10 * 784) / 1e9);
  });

  it('eraser: every setting runs', async () => {
    const rows = await measure(eraserCases(images), { iterations: 1 });
    expect(rows).toHaveLength(4);
    expect(rows.every(({ perSecond }) => perSecond > 0)).toBe(true);
  });
});
