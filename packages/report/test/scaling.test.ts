import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  drawFigures,
  parseScaling,
  renderReport,
  SCALING_SCHEMA,
  type ScalingRecord,
} from '../src/index.ts';
import { fullRecord, published } from './fixture.ts';

/** Made up: 2 s for 10,000 rows and 100 queries, growing with both; a third of a second is drawing. */
function scaling(): ScalingRecord {
  const point = (rows: number, queries: number) => {
    const median = (2 * rows * queries) / 1e6;
    const runs = [0.9, 1, 1.2].map((factor) => ({
      ...{ seconds: median * factor, drawingSeconds: 0 },
      ...{ peakBefore: 90, peak: 100 + 10 * factor },
    }));
    return { rows, queries, runs, medianSeconds: median, peak: 112 };
  };
  return {
    ...{ schema: SCALING_SCHEMA, startedAt: '2026-01-31T09:30:00.000Z', nodeVersion: '20.20.0' },
    ...{ machine: 'Made-up CPU, 2 threads.', path: 'made-up kernel', seed: 42 },
    ...{ columns: 784, k: 5, blockRows: 10_000, threads: 2 },
    points: [point(1000, 100), point(10_000, 100), point(10_000, 10)],
  };
}

it('stands in the report of one run, as table and figure, with its own machine, n and seed', async () => {
  const record = fullRecord();
  const figures = await drawFigures([{ record, predictions: null }], { scaling: scaling() });
  const report = renderReport(record, published(), { figures, scaling: scaling() });
  expect(report).toContain('## How k-NN scales');
  expect(report).toContain('figures/scaling-knn.svg');
  const row = report.split('\n').find((line) => /^\|\s+10,000 \|\s+100 /.test(line));
  expect(row?.split('|').map((cell) => cell.trim())).toEqual([
    ...['', '10,000', '100', '3', '2.00 s', '1.80 s to 2.40 s', '0.5 million', '112 MiB', ''],
  ]);
  const caption = report.split('\n').find((line) => line.startsWith('How the exact search scales'));
  expect(caption).toMatch(/seed 42.*n = 3 processes.*made-up kernel.*Made-up CPU, 2 threads\./);
  expect(figures.find(({ id }) => id === 'scaling-knn')?.content).toContain('Time over rows');
});

it('is not in a report of several runs, nor without its record', () => {
  const two = [fullRecord(), fullRecord()];
  expect(renderReport(two, published(), { scaling: scaling() })).not.toContain('How k-NN scales');
  expect(renderReport(fullRecord(), published())).not.toContain('How k-NN scales');
});

it('refuses a median or a peak that the runs do not give, and another schema', () => {
  const [first, ...others] = scaling().points;
  if (first === undefined) throw new Error('no point');
  const withFirst = (change: object) => ({
    ...scaling(),
    points: [{ ...first, ...change }, ...others],
  });
  expect(parseScaling(JSON.stringify(scaling())).points).toHaveLength(3);
  expect(() => parseScaling(withFirst({ medianSeconds: 1 }), 'x.json')).toThrow(
    'x.json is not a valid scaling record: points[0]: expected the median of the runs.',
  );
  expect(() => parseScaling(withFirst({ peak: 5 }))).toThrow('largest peak of the runs');
  expect(() => parseScaling({ ...scaling(), schema: 'other' })).toThrow('schema');
  expect(() => parseScaling('no json', 'x.json')).toThrow('x.json is not JSON');
});

it('reads the committed record', () => {
  const path = '../../../benchmarks/results/scaling-knn/record.json';
  const record = parseScaling(readFileSync(new URL(path, import.meta.url), 'utf8'));
  expect(record.points.length).toBeGreaterThanOrEqual(7);
});
