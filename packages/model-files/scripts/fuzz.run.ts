/**
 * `pnpm --filter @fashion-bench/model-files fuzz [--seed N] [--files N] [--out FOLDER]`: mutated model files of each format, opened and asked
 * for a prediction. Fails where anything but a clean refusal or a correct load happens; with at least 10,000 files, the
 * record is written.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { writeWhole } from '../src/files.ts';
import { exhausting } from '../test/support/exhausting.ts';
import { fuzz } from '../test/support/fuzz.ts';
import { FILES, fuzzRecord } from '../test/support/fuzz-record.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '42' },
    files: { type: 'string', default: `${FILES}` },
    out: { type: 'string', default: here('../../../benchmarks/results/fuzz-model-files') },
  },
});
const [seed, files] = [Number(values.seed), Number(values.files)];
const startedAt = new Date().toISOString();
const formats: Record<string, unknown> = {};
let failed = false;
for (const format of ['onnx', 'tfjs', 'keras-h5'] as const) {
  const begun = performance.now();
  const counts = await fuzz(format, files, seed);
  formats[format] = { ...counts, seconds: (performance.now() - begun) / 1000 };
  failed ||= counts.violations.length > 0 || counts.tensorsLeft > 0;
  process.stdout.write(`${format}: ${JSON.stringify(counts)}\n`);
}

/** Each in a process of its own, whose peak is then that of the file. */
async function exhausted(): Promise<Record<string, unknown>> {
  const root = await mkdtemp(join(tmpdir(), 'exhausting-'));
  const results: Record<string, unknown> = {};
  for (const [i, [name, make]] of Object.entries(exhausting).entries()) {
    const path = await make(join(root, `${i}`));
    const argv = [...process.execArgv, here('exhausting.run.ts'), path];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    results[name] = JSON.parse(stdout);
    process.stdout.write(`${name}: ${stdout}\n`);
    await rm(path, { recursive: true });
  }
  await rm(root, { recursive: true });
  return results;
}

async function versionOf(folder: string): Promise<string> {
  const text = await readFile(here(`../${folder}/package.json`), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

if (failed) process.exitCode = 1;
else if (files >= FILES) {
  const record = fuzzRecord.parse({
    ...{ schema: 'fashion-bench/fuzz-model-files@2', startedAt, seed },
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryBytes: totalmem(),
    },
    versions: {
      node: process.versions.node,
      h5wasm: await versionOf('node_modules/h5wasm'),
      tfjs: await versionOf('node_modules/@tensorflow/tfjs'),
      'onnxruntime-node': await versionOf('../onnx/node_modules/onnxruntime-node'),
    },
    exhausting: await exhausted(),
    formats,
  });
  await mkdir(values.out, { recursive: true });
  const before = await readFile(join(values.out, 'record.json'), 'utf8').catch(() => record.schema);
  if (!before.includes(record.schema))
    throw new Error(`${values.out} holds another record.json: name another folder with --out.`);
  const text = `${JSON.stringify(record, null, 2)}\n`;
  await writeWhole(join(values.out, 'record.json'), new TextEncoder().encode(text));
}
