// Mutated files of each format, opened and asked for a prediction: a clean refusal, or a correct load; nothing else.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import {
  ModelFileError,
  openClassifier,
  saveKerasH5,
  saveModel,
  toOnnx,
  type ModelFormat,
} from '../../src/index.ts';
import { generator, mutatedBytes, mutatedJson } from './mutate.ts';
import { richModel, smallModel } from './models.ts';
import { ReusedThread } from './reused-thread.ts';

export interface FuzzCounts {
  files: number;
  /** Opened, and predictions finite, of the declared shape. */
  loaded: number;
  /** A ModelFileError in one sentence: while opening, or (weights near the largest float) while predicting. */
  refused: number;
  refusedPredicting: number;
  /** Of the refused: the thread with libhdf5 died or took too long, and was replaced. */
  threadsLost: number;
  /** TensorFlow.js kept tensors of a model that was refused, or given back: must stay 0. */
  tensorsLeft: number;
  /** Anything else, with the number of the file: must stay empty. */
  violations: string[];
  /** Of one file, from opening to prediction. */
  slowestSeconds: number;
}

/** Mutates `files` files of a format and opens each. The same seed makes the same files. */
export async function fuzz(format: ModelFormat, files: number, seed: number): Promise<FuzzCounts> {
  const counts: FuzzCounts = {
    ...{ files: 0, loaded: 0, refused: 0, refusedPredicting: 0, threadsLost: 0 },
    tensorsLeft: 0,
    ...{ violations: [], slowestSeconds: 0 },
  };
  const root = await mkdtemp(join(tmpdir(), 'model-fuzz-'));
  const thread = format === 'keras-h5' ? new ReusedThread() : undefined;
  try {
    const mutate = await mutator(format, root, generator(seed));
    for (let i = 0; i < files; i++) {
      const path = await mutate();
      const { numTensors } = tf.memory();
      const begun = performance.now();
      const outcome = await outcomeOf(path, thread);
      counts.slowestSeconds = Math.max(counts.slowestSeconds, (performance.now() - begun) / 1000);
      counts.files++;
      if (outcome === 'loaded' || outcome === 'refused' || outcome === 'refusedPredicting') {
        counts[outcome]++;
      } else counts.violations.push(`file ${i}: ${outcome}`);
      if (tf.memory().numTensors !== numTensors) counts.tensorsLeft++;
    }
    counts.threadsLost = thread?.lost ?? 0;
    return counts;
  } finally {
    await thread?.end();
    await rm(root, { recursive: true });
  }
}

/** @returns what happened; anything but the three words is a violation. */
export async function outcomeOf(path: string, thread?: ReusedThread): Promise<string> {
  let opened = false;
  try {
    const model = await openClassifier(path, thread?.read);
    opened = true;
    try {
      const numbers = model.input.reduce((n, size) => n * size, 1);
      const image = Float32Array.from({ length: numbers }, (_, i) => ((i * 7919) % 256) / 255);
      const probabilities = await model.predict(image, 1);
      if (probabilities.length !== model.classes) return 'predictions of another shape';
      return probabilities.every(Number.isFinite) ? 'loaded' : 'predictions that are not finite';
    } finally {
      await model.dispose();
    }
  } catch (error) {
    if (!(error instanceof ModelFileError)) return `threw ${String(error)}`;
    if (!/^\S.*[.!?]$/s.test(error.message)) return `no sentence: ${error.message}`;
    return opened ? 'refusedPredicting' : 'refused';
  }
}

type Draw = ReturnType<typeof generator>;

/** A function that writes the next file and gives its path. */
async function mutator(
  format: ModelFormat,
  root: string,
  draw: Draw,
): Promise<() => Promise<string>> {
  const models = [smallModel(), richModel()];
  if (format === 'tfjs') return tfjsMutator(models, root, draw);
  const path = join(root, 'model');
  const seeds: Uint8Array[] = [];
  if (format === 'onnx') {
    for (const model of models) seeds.push(toOnnx(model, { classNames: undefined }).bytes);
    seeds.push(toOnnx(smallModel(), { classNames: Array.from('abcdefghij') }).bytes);
  } else {
    for (const model of models) {
      await saveKerasH5(model, path);
      seeds.push(await readFile(path));
    }
    const fixtures = [
      'keras2-small',
      'keras2-layers',
      'keras2-rich',
      'keras3-small',
      'keras3-rich',
    ];
    for (const name of fixtures) {
      const fixture = new URL(`../fixtures/${name}.h5`, import.meta.url);
      seeds.push(await readFile(fileURLToPath(fixture)));
    }
  }
  for (const model of models) model.dispose();
  return async () => {
    let bytes = mutatedBytes(seeds[draw(seeds.length)] ?? Buffer.alloc(0), draw);
    // Other magic numbers are another format, or none: one in ten may have them.
    const magic = seeds[0]?.subarray(0, 8) ?? [];
    if (format === 'keras-h5' && bytes.length >= 8 && draw(10) > 0) {
      bytes = Buffer.concat([Buffer.from(magic), bytes.subarray(8)]);
    }
    await writeFile(path, bytes);
    return path;
  };
}

async function tfjsMutator(
  models: readonly tf.Sequential[],
  root: string,
  draw: Draw,
): Promise<() => Promise<string>> {
  const seeds: { json: string; weights: Buffer }[] = [];
  for (const [i, model] of models.entries()) {
    const folder = join(root, `${i}`);
    await saveModel(model, folder);
    seeds.push({
      json: await readFile(join(folder, 'model.json'), 'utf8'),
      weights: await readFile(join(folder, 'weights.bin')),
    });
    model.dispose();
  }
  const folder = join(root, 'model');
  await mkdir(folder);
  return async () => {
    const { json, weights } = seeds[draw(seeds.length)] ?? { json: '', weights: Buffer.alloc(0) };
    const kind = draw(4);
    const text =
      kind < 2
        ? mutatedJson(json, draw)
        : kind === 2
          ? mutatedBytes(Buffer.from(json), draw)
          : json;
    await writeFile(join(folder, 'model.json'), text);
    await writeFile(
      join(folder, 'weights.bin'),
      kind === 3 ? mutatedBytes(weights, draw) : weights,
    );
    return folder;
  };
}
