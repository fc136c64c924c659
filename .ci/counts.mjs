// Adds up what vitest wrote into each package's .cache/vitest.json (and vitest-long.json). Prints every test that failed, with the
// first lines of its message, and then one line, "N passed, N failed".
// Exits with 1 when a test failed, when a package with a test script left no counts, or when nothing ran at all.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');

/** The scripts that run tests, and where each leaves its counts. */
const LANES = { test: 'vitest.json', 'test:long': 'vitest-long.json' };
/** So much of a message is shown: lines, and characters of each. */
const SHOWN = { lines: 8, columns: 240 };

const folders = ['packages', 'apps', 'tooling']
  .flatMap((group) => readdirSync(path.join(root, group)).map((name) => `${group}/${name}`))
  .concat('benchmarks', 'examples');

/** The message up to where its stack begins. */
function firstLines(message) {
  // What vitest writes for a test that ran out of time.
  const text = stripVTControlCharacters(message).replace('STACK_TRACE_ERROR', 'It timed out.');
  const lines = text.split('\n');
  const stack = lines.findIndex((line) => /^\s+at /.test(line));
  return lines
    .slice(0, stack === -1 ? lines.length : stack)
    .filter((line) => line.trim() !== '')
    .slice(0, SHOWN.lines)
    .map((line) => `    ${line.slice(0, SHOWN.columns)}\n`)
    .join('');
}

let passed = 0;
let skipped = 0;
const failures = [];

for (const folder of folders) {
  const manifest = path.join(root, folder, 'package.json');
  const scripts = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).scripts : {};
  for (const [script, file] of Object.entries(LANES)) {
    if (scripts?.[script] === undefined) continue;
    const counts = path.join(root, folder, '.cache', file);
    if (!existsSync(counts)) {
      failures.push(
        `${folder}: the script ${script} left no counts: it did not run, or broke off.\n`,
      );
      continue;
    }
    const result = JSON.parse(readFileSync(counts, 'utf8'));
    passed += result.numPassedTests;
    skipped += result.numPendingTests + result.numTodoTests;
    for (const { name, status, message, assertionResults } of result.testResults) {
      const where = path.relative(root, name);
      const failed = assertionResults.filter((test) => test.status === 'failed');
      for (const { fullName, failureMessages } of failed) {
        failures.push(`${where}: ${fullName}\n${failureMessages.map(firstLines).join('')}`);
      }
      // A file that cannot even be loaded has no tests to fail: it counts as one failure.
      if (status === 'failed' && failed.length === 0) {
        failures.push(`${where}: the file itself\n${firstLines(message)}`);
      }
    }
  }
}
for (const failure of failures) process.stdout.write(`FAILED TEST: ${failure}`);
process.stdout.write(
  `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
