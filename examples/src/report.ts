// From the record of a run to a comparison with the published results. Pure functions: they read no file and no clock.
// Run it: pnpm --dir examples exec tsx src/report.ts
import { readFile } from 'node:fs/promises';

import {
  RecordError,
  formatAccuracy,
  parsePublished,
  parseRecord,
  renderReport,
  verdict,
  wilsonInterval,
} from '@fashion-bench/report';

const repository = new URL('../../', import.meta.url);
const published = parsePublished(
  await readFile(new URL('benchmarks/published.json', repository), 'utf8'),
);

// A made-up record; `pnpm bench` leaves a real one in benchmarks/results/<run>/record.json.
const file = new URL('packages/report/test/fixtures/full.record.json', repository);
const record = parseRecord(await readFile(file, 'utf8'));
for (const { k, weights, correct, total } of record.knn) {
  console.log(
    `k = ${k}, ${weights}: ${formatAccuracy(correct / total)}, ${verdict(correct, total, 0.8577)}`,
  );
}
const { low, high } = wilsonInterval(8577, 10000);
console.log(`95 % interval of 8577 in 10000: ${formatAccuracy(low)} to ${formatAccuracy(high)}`);

const report = renderReport(record, published); // Markdown
console.log(report.slice(0, report.indexOf('\n')));

// What is not a record is refused, with the place and the problem.
try {
  parseRecord('{ "schema": "fashion-bench/record@0" }', 'old.json');
} catch (error) {
  if (!(error instanceof RecordError)) throw error;
  console.log(error.message);
}

/* Prints:
k = 5, uniform: 0.8554, within the interval
k = 5, distance: 0.8577, reproduced exactly
95 % interval of 8577 in 10000: 0.8507 to 0.8644
# Fashion-MNIST: k nearest neighbours and a small convolutional network
old.json has the schema "fashion-bench/record@0", but this version of fashion-bench reads "fashion-bench/record@1": use the version that wrote it, or run the bench again.
*/
