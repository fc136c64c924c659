import { describe, expect, it } from 'vitest';
import { renderReport, runLabels, whyNotComparable, type RunRecord } from '../src/index.ts';
import {
  fullRecord,
  interruptedRecord,
  published,
  subsetRecord,
  syntheticRecord,
  withRun,
} from './fixture.ts';

const render = (record: RunRecord | readonly RunRecord[]): string =>
  renderReport(record, published());

/** Everything that may only stand beside a full run on the real data. */
const PUBLISHED_MARKS = [
  '0.9232',
  '0.860',
  '0.876',
  'First test accuracy',
  'Published',
  'Keras',
  'To study',
  'Verdict',
  'reproduced exactly',
];

/** The lines of a table below a heading, the first unless another is asked for. */
function tableBelow(markdown: string, heading: string, skip = 0): string[] {
  const lines = markdown.split('\n');
  let from = lines.indexOf(heading);
  if (from < 0) throw new Error(`no heading ${heading}`);
  for (let i = 0; i < skip; i++) {
    from = lines.findIndex((line, index) => index > from && line.startsWith('|'));
    from = lines.findIndex((line, index) => index > from && !line.startsWith('|'));
  }
  const start = lines.findIndex((line, index) => index > from && line.startsWith('|'));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start, end);
}

function cells(line: string | undefined): string[] {
  return (line ?? '')
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

describe('a full run', () => {
  it('stands beside the study and the published benchmark', () => {
    const [, , uniform, distance, cnn] = tableBelow(render(fullRecord()), '## Comparison');
    expect(cells(uniform)).toEqual([
      'k-NN, k = 5, uniform weights',
      '**0.8554**',
      '0.8577',
      '0.860 (standardised pixels)',
      'within the interval, other recipe',
      '1.98 s',
    ]);
    expect(cells(distance).slice(1, 5)).toEqual([
      '**0.8577**',
      '0.8577',
      '0.860 (standardised pixels)',
      'reproduced exactly',
    ]);
    expect(cells(cnn)).toEqual([
      'CNN, 50 epochs, batch 32, seed 42',
      '**0.9241**',
      '0.9232',
      '0.876 / 0.916',
      'within the interval',
      '1.94 s',
    ]);
  });

  it('what else there is to say stands in a second table', () => {
    const [head, , uniform, , cnn] = tableBelow(render(fullRecord()), '## Comparison', 1);
    expect(cells(head).slice(1)).toEqual([
      ...['95 % interval', 'To study', 'To benchmark', 'Each seed', 'Training', 'Parameters'],
    ]);
    expect(cells(uniform).slice(1)).toEqual([
      ...['0.8484 to 0.8622', '−0.23', '−0.46', 'exact, no seed', 'fit 212 ms', '–'],
    ]);
    expect(cells(cnn).slice(1)).toEqual([
      ...['0.9187 to 0.9291', '+0.09', '+4.81 / +0.81', '42: 0.9241', '26 min 01 s', '438,122'],
    ]);
  });

  it('has no label', () => {
    expect(runLabels(fullRecord())).toEqual([]);
    expect(render(fullRecord())).not.toContain('> **');
  });

  it('shows only the published figures of the classifiers it ran', () => {
    const report = render({ ...fullRecord(), cnn: [], kernels: [] });
    expect(report).toContain('Not part of this run: the CNN and the kernel timings.');
    expect(report).toContain('KNeighborsClassifier');
    expect(report).not.toContain('2 Conv');
    expect(render({ ...fullRecord(), knn: [] })).not.toContain('KNeighborsClassifier');
  });

  it('says what differs from the study’s recipe', () => {
    const record = fullRecord();
    const report = render({
      ...record,
      cnn: record.cnn.map((run) => ({ ...run, batchSize: 128 })),
    });
    expect(report).toContain('within the interval, other recipe');
    expect(report).toContain('batch size 128 instead of 32.');
  });
});

describe("the published benchmark's network", () => {
  const record = fullRecord();
  const cnn = record.cnn.map((run) => ({
    ...run,
    network: { name: '2 Conv+pooling', parameters: 3_274_634 },
    augment: { mode: 'none', p: null, erased: 0, fraction: 0, areaPixels: null } as const,
    batchSize: 400,
    optimizer: { name: 'sgd', settings: { learningRate: 0.001 } },
  }));

  it("stands beside the published figures, not beside the study's", () => {
    const [, , row] = tableBelow(render({ ...record, knn: [], cnn }), '## Comparison');
    expect(cells(row).slice(0, 5)).toEqual([
      '2 Conv+pooling, sgd 0.001, 50 epochs, batch 400, seed 42',
      '**0.9241**',
      '–',
      '0.876 / 0.916',
      'above',
    ]);
  });

  it('says which optimizer was used, and that it is not the published one', () => {
    const optimizer = { name: 'adam', settings: { learningRate: 0.002 } };
    const report = render({ ...record, knn: [], cnn: cnn.map((run) => ({ ...run, optimizer })) });
    expect(report).toContain('optimizer adam instead of sgd; learning rate 0.002 instead of 0.001');
    expect(report).toContain('adam (learningRate 0.002)');
    expect(report).toContain('above, other recipe');
  });

  it('is no repetition of the same network with another optimizer', () => {
    const [sgd] = cnn;
    if (sgd === undefined) throw new Error('the fixture has one');
    const optimizer = { name: 'adam', settings: { learningRate: 0.001 } };
    const both = { ...record, knn: [], cnn: [sgd, { ...sgd, optimizer, seed: 43 }] };
    expect(tableBelow(render(both), '## Comparison')).toHaveLength(4);
  });
});

describe('runs that must not be compared', () => {
  const quick = withRun({ id: 'quick', quick: true, expectations: [] });

  it.each([
    ['synthetic', syntheticRecord(), 'the images are synthetic'],
    ['subset', subsetRecord(), 'only a subset of the images was used'],
    ['quick', quick, 'this was a quick run'],
  ])('%s: no published figure anywhere, and a sentence why', (_, record, reason) => {
    const report = render(record);
    for (const mark of PUBLISHED_MARKS) expect(report).not.toContain(mark);
    expect(report).toContain(
      `**The study's and the published figures are left out: ${reason}, and those figures belong to full runs`,
    );
    expect(cells(tableBelow(report, '## Results')[0])).toEqual([
      'Classifier',
      'Measured here',
      '95 % interval',
      'Right',
      'Training',
      'Prediction',
      'Parameters',
    ]);
  });

  it('names all reasons at once', () => {
    const record = subsetRecord();
    expect(whyNotComparable(withRun({ quick: true }, record))).toContain(
      'this was a quick run and only a subset of the images was used, and those',
    );
  });

  it('beside a full run they get a table of their own', () => {
    const report = render([fullRecord(), subsetRecord()]);
    expect(tableBelow(report, '## Comparison').join('\n')).not.toContain('`subset`');
    const own = tableBelow(report, '## Measured, not compared');
    expect(own).toHaveLength(4);
    expect(cells(own[2]).slice(0, 3)).toEqual([
      '`subset`',
      'k-NN, k = 5, uniform weights',
      '**0.8010**',
    ]);
  });

  it('a single result on fewer images is not compared either', () => {
    const record = fullRecord();
    const report = render({
      ...record,
      knn: record.knn.map((result) => ({ ...result, correct: 801, total: 1000, accuracy: 0.801 })),
    });
    const [, , row] = tableBelow(report, '## Comparison');
    expect(cells(row).slice(1, 5)).toEqual([
      '**0.8010**',
      '–',
      '–',
      'not compared: only 60,000 training and 1,000 test images',
    ]);
  });
});

describe('labels', () => {
  it('synthetic data', () => {
    const report = render(syntheticRecord());
    expect(report).toMatch(/^# Synthetic images: /u);
    expect(report).toContain('> **SYNTHETIC DATA**: These images were generated');
    expect(report).toContain('synthetic-fashion (**synthetic**)');
  });

  it('quick run', () => {
    expect(render(withRun({ quick: true }))).toContain('> **QUICK RUN**: This run took');
  });

  it('subset, with its rule', () => {
    expect(render(subsetRecord())).toContain(
      '> **SUBSET**: Only 2,000 training and 1,000 test images were used (stratified by label, seed 42), not 60,000 and 10,000.',
    );
  });

  it('interrupted: what was measured is kept, the CNN is not compared', () => {
    const report = render(interruptedRecord());
    expect(report).toContain('> **INTERRUPTED**: This run was stopped before its end.');
    const [, , , distance, cnn] = tableBelow(report, '## Comparison');
    expect(cells(distance)[4]).toBe('reproduced exactly');
    expect(cells(cnn).slice(1, 5)).toEqual([
      '**0.8978**',
      '–',
      '–',
      'not compared: interrupted after 2 of 50 epochs',
    ]);
  });

  it('interrupted before the first epoch', () => {
    const record = interruptedRecord();
    const report = render({
      ...record,
      cnn: record.cnn.map((run) => ({
        ...run,
        epochs: [],
        finalTestAccuracy: null,
        correct: null,
        total: null,
      })),
    });
    expect(report).toContain('No epoch was finished.');
    expect(report).toContain('not compared: interrupted after 0 of 50 epochs');
  });

  it('busy machine, on top and at every time that stands beside a published figure', () => {
    const record = fullRecord();
    const busy = (load: number): string =>
      render({
        ...record,
        machine: { ...record.machine, availableCores: 2, loadAverage: [load, 0, 0] },
      });
    expect(busy(2.88)).toContain(
      '> **BUSY MACHINE**: The load was 2.88 on 2 cores when this run began',
    );
    const [, , ...rows] = tableBelow(busy(2.88), '## Comparison');
    for (const row of rows) expect(row).toMatch(/s \(busy machine\) +\|/u);
    expect(busy(2)).not.toMatch(/busy machine/iu);
    const unknown = { ...record.machine, loadAverage: null };
    expect(render({ ...record, machine: unknown })).not.toMatch(/busy machine/iu);
  });

  it('band missed, with both figures', () => {
    const report = render(
      withRun({
        expectations: [
          { name: 'CNN test accuracy', expected: 'at least 0.918', measured: 0.9101, ok: false },
        ],
      }),
    );
    expect(report).toContain(
      '> **BAND MISSED**: Outside its stated band: CNN test accuracy (measured 0.9101, expected at least 0.918).',
    );
    expect(cells(tableBelow(report, '## Stated bands')[2])).toEqual([
      'CNN test accuracy',
      'at least 0.918',
      '0.9101',
      '**no**',
    ]);
  });

  it('uncommitted changes, and no git at all', () => {
    expect(render(withRun({ gitDirty: true }))).toContain(
      '**The checkout had uncommitted changes: this commit is not exactly the code that ran.**',
    );
    const report = render(withRun({ gitCommit: null, gitDirty: null }));
    expect(report).toContain('not from a git checkout');
    expect(report).not.toContain('git checkout null');
  });
});

describe('parts that are missing', () => {
  it('no classifier and no kernel: still machine, engines and how to repeat it', () => {
    const report = render({ ...fullRecord(), knn: [], cnn: [], kernels: [] });
    expect(report).toContain('Not part of this run: k-NN, the CNN and the kernel timings.');
    expect(report).not.toContain('## Comparison');
    expect(report).toContain('## Engines');
    expect(report).toContain('## How to repeat it');
  });

  it('a diverged loss is not a number', () => {
    const record = fullRecord();
    const report = render({
      ...record,
      cnn: record.cnn.map((run) => ({
        ...run,
        epochs: run.epochs.map((epoch) => ({ ...epoch, loss: null })),
      })),
    });
    expect(report).toContain('not finite');
  });

  it('no record at all', () => {
    expect(() => render([])).toThrow('The records must be at least one');
  });
});

describe('text from outside', () => {
  it('cannot break a table or become markup', () => {
    const record = fullRecord();
    const report = render({
      ...record,
      machine: { ...record.machine, cpuModel: 'A|B <img src=x> *C*\nD' },
      engines: [{ state: 'missing', id: 'x|y', reason: 'run `a | b`' }],
    });
    expect(report).toContain('A\\|B \\<img src=x> \\*C\\* D (x64)');
    expect(report).toMatch(/^\| x\\\|y +\| missing \| run \\`a \\\| b\\` +\|$/mu);
  });
});

describe("the published benchmark's protocol", () => {
  /** The full record with one result of each protocol. */
  const both = (): RunRecord => {
    const record = fullRecord();
    const [first] = record.knn;
    if (first === undefined) throw new Error('the fixture has no k-NN');
    const standardised = {
      ...{ ...first, k: 9, weights: 'uniform' as const, metric: 'manhattan', standardised: true },
      ...{ correct: 8600, accuracy: 0.86 },
    };
    return { ...record, knn: [first, standardised] };
  };

  it('has a table of its own beside the one published figure, and stays out of the study’s', () => {
    const report = renderReport(both(), published());
    const [study = '', grid = ''] = report.split("## The published benchmark's protocol");
    expect(study).toContain('| k-NN, k = 5');
    expect(study).not.toContain('standardised pixels |');
    expect(study).not.toContain('k = 9');
    const [table = ''] = grid.split('## ');
    expect(table).toMatch(
      /\| +9 \| uniform +\| manhattan \(p = 1\) +\| +0\.860 \| +\*\*0\.8600\*\* \| 0\.8531 to 0\.8667 \| 8,600 of 10,000 \| +0\.00 \| yes/,
    );
    expect(table).toContain('is one for the whole grid');
    expect(table).not.toContain('0.8577');
  });

  it('is left out where nothing was standardised, and of runs that may not be compared', () => {
    expect(renderReport(fullRecord(), published())).not.toContain('benchmark&#39;s protocol');
    expect(renderReport(fullRecord(), published())).not.toContain("published benchmark's protocol");
    const quick = withRun({ quick: true }, both());
    const report = renderReport(quick, published());
    expect(report).not.toContain("published benchmark's protocol");
    expect(report).toContain('k-NN, k = 9, uniform weights, manhattan, standardised pixels');
  });
});
