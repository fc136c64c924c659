// Programs bundled for Node, away from node_modules: the threads that packages start must be found there, too.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import { afterAll, expect, test } from 'vitest';

import { runProgram } from './run-program.ts';

const here = fileURLToPath(new URL('../', import.meta.url));
const root = join(here, '..');
const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
mkdirSync(join(folder, 'node_modules'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** What has a native part cannot be bundled, and lies beside. */
function install(name: string, from: string): void {
  mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true });
  symlinkSync(join(root, from, 'node_modules', name), join(folder, 'node_modules', name));
}
install('onnxruntime-node', 'packages/onnx');

/** As the READMEs of training and model-files say: TensorFlow.js calls `require`, which an ES module has not. */
const banner =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

async function bundle(
  code: string,
  workers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const source = join(here, '.cache', 'bundle.ts');
  writeFileSync(source, code);
  const outdir = mkdtempSync(join(folder, 'out-'));
  await build({
    entryPoints: { app: source, ...workers },
    absWorkingDir: here,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['onnxruntime-node'],
    banner: { js: banner },
    logLevel: 'error',
  });
  return join(outdir, 'app.mjs');
}

const model = `import * as tf from '@tensorflow/tfjs';
const layers = [tf.layers.dense({ inputShape: [2], units: 2, activation: 'softmax' })];
const model = tf.sequential({ layers });
`;

const training = `${model}import { fitInWorker, networkOf, sgd, weightsOf } from '@fashion-bench/training';
const train = { images: Uint8Array.of(0, 255, 255, 0), labels: Uint8Array.of(0, 1) };
const options = { engine: 'onnx-cpu', network: networkOf(model), weights: weightsOf(model), optimizer: sgd(), train };
for await (const event of fitInWorker({ ...options, epochs: 2, batchSize: 2, seed: 1 }))
  if (event.type === 'epoch') console.log('epoch', event.epoch);
`;

const files = `${model}import { loadKerasH5, saveKerasH5 } from '@fashion-bench/model-files';
await saveKerasH5(model, 'model.h5');
console.log((await loadKerasH5('model.h5')).model.countParams());
`;

const WORKERS = {
  'training-worker': '@fashion-bench/training/training-worker',
  'hdf5-worker': '@fashion-bench/model-files/hdf5-worker',
};

test.each([
  ['training', training, 'epoch 1\nepoch 2\n'],
  ['model-files', files, '6\n'],
])('%s: its thread is another entry of the bundle', async (_name, code, printed) => {
  const app = await bundle(code, WORKERS);
  const { stdout } = await runProgram(app, { cwd: join(app, '..') });
  expect(stdout.endsWith(printed)).toBe(true);
});

test.each([
  ['training', training, 'training-worker', 'epoch 1\nepoch 2\n'],
  ['model-files', files, 'hdf5-worker', '6\n'],
])('%s: without that, the installed package is asked, or named', async (...given) => {
  const [name, code, worker, printed] = given;
  const app = await bundle(code);
  const run = runProgram(app, { cwd: join(app, '..') });
  await expect(run).rejects.toThrow(
    `make @fashion-bench/${name}/${worker} another entry of the bundle, named ${worker}, or install @fashion-bench/${name} where the bundle runs`,
  );
  install(`@fashion-bench/${name}`, 'examples');
  const { stdout } = await runProgram(app, { cwd: join(app, '..') });
  expect(stdout.endsWith(printed)).toBe(true);
});

test('knn: its threads are inside', async () => {
  const app = await bundle(`import { matrix, nearestNeighbors } from '@fashion-bench/knn';
const search = await nearestNeighbors(matrix(Uint8Array.of(1, 5, 9), 3, 1), { algorithm: 'pruned', threads: 2 });
console.log((await search.search(matrix(Uint8Array.of(6), 1, 1), 2)).indices.join());
await search.dispose();
`);
  expect((await runProgram(app, { cwd: join(app, '..') })).stdout).toBe('1,2\n');
});

test('engine: onnxruntime-node is found beside', async () => {
  const app = await bundle(`import { resolveEngine } from '@fashion-bench/engine';
console.log((await resolveEngine('onnx-cpu')).library);
`);
  expect((await runProgram(app, { cwd: join(app, '..') })).stdout).toBe('onnxruntime-node\n');
});
