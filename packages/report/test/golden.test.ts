import { expect, it } from 'vitest';
import { renderReport } from '../src/index.ts';
import { fullRecord, interruptedRecord, published, syntheticRecord, withRun } from './fixture.ts';

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

it('gives the same bytes for the same record', () => {
  expect(renderReport(fullRecord(), published())).toBe(renderReport([fullRecord()], published()));
});
