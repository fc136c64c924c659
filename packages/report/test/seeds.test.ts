import { describe, expect, it } from 'vitest';
import {
  compareRuns,
  parsePredictions,
  PredictionsError,
  renderReport,
  type RunRecord,
} from '../src/index.ts';
import { fullRecord, published, storedRun } from './fixture.ts';

/** The full record with a training for each accuracy; the second and later at another batch where asked for. */
function repeated(correct: readonly number[], laterBatch = 32): RunRecord {
  const record = fullRecord();
  return {
    ...record,
    cnn: record.cnn.flatMap((run) =>
      correct.map((right, i) => ({
        ...run,
        ...{ seed: 42 + i, correct: right, finalTestAccuracy: right / 10_000 },
        batchSize: i === 0 ? 32 : laterBatch,
      })),
    ),
  };
}

describe('several seeds', () => {
  // mean 9254.33; deviations 16.67, 4.67, -21.33: sd = sqrt((278 + 22 + 455) / 2) = 19.4
  const correct = [9271, 9259, 9233];

  it('are one row of the comparison, with mean and sd', () => {
    const report = renderReport(repeated(correct), published());
    const row = report.split('\n').filter((line) => line.startsWith('| CNN, 50 epochs'));
    expect(row).toHaveLength(2);
    expect(row[0]).toContain(
      '| CNN, 50 epochs, batch 32, seeds 42, 43 and 44 | **0.9254** ± 0.0019 (n = 3) | 0.9232 |',
    );
    // Wilson's interval and the differences are the mean's.
    expect(row[1]).toContain('| 0.9201 to 0.9304 ');
    expect(row[1]).toMatch(/\| +\+0\.22 \|/u);
    expect(row[1]).toContain('| 42: 0.9271, 43: 0.9259, 44: 0.9233 |');
    expect(report).toMatch(
      /\| \*\*CNN, 50 epochs, batch 32, seeds 42, 43 and 44\*\* +\| +\*\*0\.9254\*\*/u,
    );
    expect(report).toContain(
      '**Test accuracy over seeds: 0.9254 ± 0.0019** (mean and sample standard deviation, n = 3, seeds 42, 43, 44, batch 32, engine `onnx-cpu`).',
    );
  });

  it('at another batch are said to be', () => {
    const report = renderReport(repeated(correct, 128), published());
    expect(report).toContain('| CNN, 50 epochs, batch 32, seed 42 ');
    expect(report).toContain(
      '| CNN, 50 epochs, batch 128, seeds 43 and 44 | **0.9246** ± 0.0018 (n = 2) |',
    );
    expect(report).toContain('so this is a spread over recipes as much as over seeds.');
    // Those of batch 128 alone: mean 9246, sd 26 / sqrt 2 = 18.4
    expect(report).toContain('**Test accuracy over seeds: 0.9246 ± 0.0018**');
  });

  it('of two runs are compared by their means', () => {
    const stored = (record: RunRecord) => ({ record, predictions: null });
    const words = compareRuns(stored(repeated(correct)), stored(repeated([9100, 9110, 9120])));
    expect(words).toMatch(
      /0\.9254 \| +0\.9110 \| +−1\.44 points \| \*\*worse\*\*.*Welch's t over 3 and 3 seeds/u,
    );
  });
});

it('published figures are one list with ours, the highest first', () => {
  const report = renderReport(fullRecord(), published());
  const table = report.slice(report.indexOf('## Published figures'));
  const order = ['WRN40-4', '2 Conv+3 FC', '**CNN, 50 epochs', '2 Conv+pooling (Keras', '**k-NN'];
  const places = order.map((name) => table.indexOf(name));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(Math.min(...places)).toBeGreaterThan(0);
});

it('McNemar stands in the report of a run with predictions', () => {
  const { record, predictions } = storedRun();
  const report = renderReport(record, published(), { predictions });
  // k-NN is wrong on the first three images, of which the network has the second wrong, too.
  expect(report).toMatch(/\| seed 42, batch 32, `onnx-cpu` \| +9 \| +0 \| +2 \| +1 \| +0\.50 \|/u);
  expect(() => parsePredictions('{}')).toThrow(PredictionsError);
});
