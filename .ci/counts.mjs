// Adds up what vitest wrote into each package's .cache/vitest.json (and vitest-long.json) and prints one line, "N passed, N failed".
// Exits with 1 when a test failed, when a package with a test script left no counts, or when nothing ran at all.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');

const folders = ['packages', 'apps', 'tooling']
  .flatMap((group) => readdirSync(path.join(root, group)).map((name) => `${group}/${name}`))
  .concat('benchmarks', 'examples');

let passed = 0;
let failed = 0;
let skipped = 0;
/** The scripts that run tests, and where each leaves its counts. */
const LANES = { test: 'vitest.json', 'test:long': 'vitest-long.json' };

for (const folder of folders) {
  const manifest = path.join(root, folder, 'package.json');
  const scripts = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).scripts : {};
  for (const [script, file] of Object.entries(LANES)) {
    if (scripts?.[script] === undefined) continue;
    const counts = path.join(root, folder, '.cache', file);
    if (!existsSync(counts)) {
      process.stderr.write(
        `${folder} has a script ${script} but left no counts: it did not run, or broke off.\n`,
      );
      failed += 1;
      continue;
    }
    const result = JSON.parse(readFileSync(counts, 'utf8'));
    passed += result.numPassedTests;
    failed += result.numFailedTests;
    skipped += result.numPendingTests + result.numTodoTests;
    // A file that cannot even be loaded has no tests to fail: it counts as one failure.
    failed += result.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
  }
}
process.stdout.write(
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
