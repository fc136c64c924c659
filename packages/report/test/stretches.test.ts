import { describe, expect, it } from 'vitest';
import {
  compareRuns,
  formatRecord,
  parseRecord,
  RecordError,
  renderReport,
  type RunRecord,
  runLabels,
  type Stretch,
  whyNotComparable,
} from '../src/index.ts';
import { fullRecord, published, storedRun, twoStretches } from './fixture.ts';

/** One k-NN rule, two kernel timings and the epochs from 31 on were measured on another machine. */
function resumed(change: Partial<Stretch['machine']>): RunRecord {
  const record = fullRecord();
  return {
    ...record,
    stretches: twoStretches(record, change),
    knn: record.knn.map((result, i) => (i === 0 ? result : { ...result, stretch: 2 })),
    kernels: record.kernels.map((timing, i) => (i < 2 ? timing : { ...timing, stretch: 2 })),
    cnn: record.cnn.map((run) => ({
      ...run,
      epochs: run.epochs.map((one) => (one.epoch < 31 ? one : { ...one, stretch: 2 })),
      resumptions: [
        { at: '2026-01-31T10:00:00.000Z', epoch: 40, step: 3 },
        { at: '2026-01-31T11:00:00.000Z', epoch: 31, step: 7 },
      ],
    })),
  };
}

describe('a run of several stretches', () => {
  it('survives writing and reading; a figure of a stretch that is not there is refused', () => {
    const record = resumed({});
    expect(parseRecord(formatRecord(record))).toEqual(record);
    const { stretches = [], ...without } = record;
    expect(() => formatRecord(without)).toThrow(RecordError);
    expect(() => formatRecord({ ...fullRecord(), stretches: stretches.slice(1) })).toThrow(
      'two or more',
    );
  });

  it('on one machine: the report says what was measured when, and there is no label', () => {
    const record = resumed({});
    expect(runLabels(record)).toEqual([]);
    const report = renderReport(record, published());
    expect(report).toContain('on the same machine and by the same program');
    expect(report).toMatch(
      /\| +1 \|.*k = 5, uniform weights; 2 of 4 kernel timings; epochs 1 to 30 of /u,
    );
    // Epoch 40 was begun again after the second resumption; epoch 31 was not.
    expect(report).toMatch(/\| +2 \|.*epochs 31 to 50 of .* \(epoch 31 from its step 8 on\) /u);
  });

  it('on two machines: labelled with what differs, still compared with published accuracies', () => {
    const record = resumed({ cpuModel: 'Another', availableCores: 1 });
    expect(runLabels(record).map(({ name }) => name)).toEqual(['parts differ']);
    expect(runLabels(record)[0]?.meaning).toContain(
      'processor (AMD EPYC Processor, then Another); cores (2 available of 2, then 1 available of 2)',
    );
    expect(whyNotComparable(record)).toBeNull();
    expect(renderReport(record, published())).toContain('PARTS DIFFER');
  });

  it('a busy machine in any of them is a busy machine', () => {
    const record = resumed({ loadAverage: [9, 1, 1] });
    expect(runLabels(record).map(({ name }) => name)).toEqual(['busy machine']);
  });

  it('is compared by the times of the machine that it began on, and by all accuracies', () => {
    const [whole, moved] = [fullRecord(), resumed({ cpuModel: 'Another' })].map((record) => ({
      ...storedRun(),
      record,
    }));
    if (whole === undefined || moved === undefined) throw new Error('two runs');
    const text = compareRuns(whole, moved);
    expect(text).toContain('**parts differ** (times of part 1 alone)');
    expect(text).toMatch(/uniform weights: search/u);
    expect(text).not.toMatch(/distance weights: search/u);
    expect(text).toMatch(/distance weights +\|.* 0\.00 points/u);
    expect(text).toMatch(/: epoch +\|.*\| 50 and 30 /u);
    expect(compareRuns(whole, { ...moved, record: resumed({}) })).toMatch(/\| 50 and 50 /u);
  });
});
