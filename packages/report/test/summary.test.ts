import { expect, it } from 'vitest';
import { renderSummary } from '../src/index.ts';
import { fullRecord, interruptedRecord, syntheticRecord, withRun } from './fixture.ts';

it('puts names, figures and times in columns', () => {
  expect(renderSummary(fullRecord())).toBe(
    [
      'k-NN, k = 5, uniform weights       0.8554      8,554 of 10,000  search 1.98 s',
      'k-NN, k = 5, distance weights      0.8577      8,577 of 10,000  search 1.98 s',
      'CNN, 50 epochs, batch 32, seed 42  0.9241      9,241 of 10,000  training 26 min 01 s',
      'kernel naive on reference          1.61 GOP/s  16 x 2,048       median 31.9 ms (n = 12)',
      'kernel expanded on reference       1.25 GOP/s  16 x 2,048       median 41.2 ms (n = 12)',
      'kernel exact on onnx-cpu           240 GOP/s   16 x 2,048       median 214 µs (n = 64)',
      'kernel exact on onnx-cpu           584 GOP/s   100 x 60,000     median 16.1 ms (n = 32)',
      'Run 2026-01-31T093000Z-full: 28 min 08 s, 1.20 GiB at most, seed 42.',
    ].join('\n'),
  );
});

it('ends with the labels', () => {
  const lines = renderSummary(syntheticRecord()).split('\n');
  expect(lines.at(-1)).toBe(
    'SYNTHETIC DATA: These images were generated, they are not Fashion-MNIST. The figures only show that the program works.',
  );
});

it('says where a training stopped', () => {
  expect(renderSummary(interruptedRecord())).toContain('(interrupted after 2 of 50 epochs)');
});

it('names a missed band', () => {
  const expectations = [{ name: 'A', expected: 'exactly 1', measured: 0.5, ok: false }];
  expect(renderSummary(withRun({ expectations }))).toContain(
    'BAND MISSED: Outside its stated band: A (measured 0.5, expected exactly 1).',
  );
});
