/**
 * `pnpm --filter @fashion-bench/benchmarks agreement:knn [--python PATH] [--out FOLDER]`: our k-NN and scikit-learn's on 2,000 queries
 * and 10,000 rows of Fashion-MNIST, prediction by prediction.
 */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { IMAGE_SIZE, loadFashionMnist, stratifiedSubset } from '@fashion-bench/dataset';

import { describeMachine } from '../machine.ts';
import { writeRecord } from '../write-record.ts';
import { compare, type Images } from './compare.ts';
import { type AgreementRecord, agreementRecord, peerOutput } from './record.ts';

const ROWS = 10_000;
const QUERIES = 2_000;
const SEED = 42;

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    out: {
      type: 'string',
      default: fileURLToPath(new URL('../../results/agreement-knn', import.meta.url)),
    },
  },
});

const startedAt = new Date().toISOString();
const data = await loadFashionMnist({ download: false });
const train = stratifiedSubset(data.train, ROWS, SEED);
const test = stratifiedSubset(data.test, QUERIES, SEED);
const answer = await ask(values.python, train, test);
if ('missing' in answer) {
  process.stdout.write(
    `Skipped: ${answer.missing}; --python names a Python that has scikit-learn.\n`,
  );
} else {
  const settings = await compare(train, test, IMAGE_SIZE, answer.results);
  const sum = (of: (s: (typeof settings)[number]) => number): number =>
    settings.reduce((n, s) => n + of(s), 0);
  const record: AgreementRecord = agreementRecord.parse({
    schema: 'fashion-bench/agreement-knn@1',
    ...{
      startedAt,
      machine: describeMachine(),
      nodeVersion: process.versions.node,
      versions: answer.versions,
    },
    ...{
      seed: SEED,
      rows: ROWS,
      queries: QUERIES,
      subsetRule: `stratified by label, seed ${SEED}`,
    },
    tieRules: [
      'distance tie: rows equally far at the edge of the k; ours takes the lower row, scikit-learn leaves it to its selection',
      'vote tie: votes equal up to the rounding of their sums; both take the smallest label where they are equal to the bit',
      'float rounding: ours standardises to float32, scikit-learn keeps float64; distances nearer to each other than that moves them',
      'each reason counts only if one of the choices that it leaves open gives the prediction of scikit-learn',
    ],
    settings,
    compared: sum(({ compared }) => compared),
    equal: sum(({ equal }) => equal),
    unexplained: sum(
      ({ differences }) => differences.filter(({ reason }) => reason === 'unexplained').length,
    ),
  });
  await writeRecord(values.out, record);
  for (const { pixels, metric, weights, k, compared, equal, differences } of settings) {
    const reasons = differences.map(({ reason }) => reason).join(', ');
    process.stdout.write(
      `${pixels}, ${metric}, ${weights}, k = ${k}: ${equal} of ${compared}${reasons && `; ${reasons}`}\n`,
    );
  }
  process.stdout.write(
    `${record.equal} of ${record.compared} predictions equal, ${record.unexplained} unexplained.\n`,
  );
  if (record.unexplained > 0) process.exitCode = 1;
}

/** Runs the program in Python on files of its own, which are gone afterwards. */
async function ask(python: string, rows: Images, queries: Images) {
  const folder = await mkdtemp(join(tmpdir(), 'agreement-knn-'));
  try {
    await writeFile(join(folder, 'train.u8'), rows.images);
    await writeFile(join(folder, 'labels.u8'), rows.labels);
    await writeFile(join(folder, 'test.u8'), queries.images);
    const program = fileURLToPath(new URL('./scikit-learn.py', import.meta.url));
    const { stdout } = await promisify(execFile)(
      python,
      [program, folder, String(availableParallelism())],
      { maxBuffer: 2 ** 26 },
    );
    const printed: unknown = JSON.parse(stdout);
    return peerOutput.parse(printed);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { missing: `there is no ${python}` };
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
