import { expect, it } from 'vitest';
import { compareRuns, drawFigures, renderReport } from '../src/index.ts';
import {
  fullRecord,
  interruptedRecord,
  published,
  storedRun,
  syntheticRecord,
  withRun,
} from './fixture.ts';

// After a change that is meant: run vitest with `-u`, then read the difference like any other code.

it('renders a full run as the stored Markdown', async () => {
  await expect(renderReport(fullRecord(), published())).toMatchFileSnapshot(
    './fixtures/full.report.md',
  );
});

it('renders several runs, good and limited, as the stored Markdown', async () => {
  const second = withRun({ id: 'second', seed: 43 }, interruptedRecord());
  const records = [{ ...fullRecord(), cnn: [] }, second, syntheticRecord()];
  await expect(
    renderReport(
      records.map((record) => ({ ...record, kernels: [] })),
      published(),
    ),
  ).toMatchFileSnapshot('./fixtures/several.report.md');
});

it('renders a full run with its predictions and figures as the stored Markdown', async () => {
  const run = storedRun();
  const figures = await drawFigures([run]);
  const { record, predictions } = run;
  const report = renderReport(record, published(), { figures, predictions });
  await expect(report).toMatchFileSnapshot('./fixtures/stored.report.md');
  // Sentences begin with a capital letter, a figure or a name.
  const prose = report
    .replaceAll(/```[\s\S]*?```|!\[.*?\]\(.*?\)/gu, '')
    .split('\n')
    .filter((line) => !line.startsWith('|'));
  for (const line of prose) {
    expect(line).not.toMatch(/^(?:[-\s>*_]*)(?!k-NN)[a-z]|[a-z)`][.?!] (?!k-NN)[a-z]/u);
  }
});

it('compares two runs as the stored Markdown', async () => {
  const a = storedRun();
  // The same predictions but for the first 9 images, epochs a fifth faster, k-NN that took as long.
  const faster = a.record.cnn.map((run) => ({
    ...run,
    epochs: run.epochs.map((epoch) => ({ ...epoch, seconds: epoch.seconds * 0.8 })),
  }));
  const b = {
    record: withRun({ id: 'second' }, { ...a.record, cnn: faster, kernels: [] }),
    predictions: {
      ...a.predictions,
      ...{ runId: 'second', cnn: [] },
      knn: a.predictions.knn.map((kept) => ({ ...kept, predicted: a.predictions.labels })),
    },
  };
  await expect(compareRuns(a, b)).toMatchFileSnapshot('./fixtures/compare.md');
  expect(compareRuns(a, b)).toContain('**faster**');
  expect(compareRuns(a, a)).not.toMatch(/\*\*(?:faster|slower|better|worse)\*\*/u);
});

it('gives the same bytes for the same record', () => {
  expect(renderReport(fullRecord(), published())).toBe(renderReport([fullRecord()], published()));
});
