/** A small checkpoint, a folder that goes away with its test, and a disk that fails on command. */
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OpenFile } from '@fashion-bench/files';
import type { Checkpoint, TrainingSnapshot } from '../../src/index.ts';

export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'checkpoints-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function snapshotAt(step: number): TrainingSnapshot {
  return {
    state: {
      weights: Float32Array.of(step, -0, 1e-42, 0.1, 5),
      slots: [Float32Array.of(1, 2, 3, 4, step), new Float32Array(5)],
      step,
    },
    position: { epoch: 1, step, lossSum: 1 / 3, correct: 2, seconds: 0.25 },
  };
}

/** @param step also the first weight, by which tests tell checkpoints apart. */
export function checkpointAt(step: number): Checkpoint {
  return {
    snapshot: snapshotAt(step),
    configuration: {
      seed: 42,
      trainCount: 3,
      engine: 'onnx-cpu',
      'optimizer beta1': 0.9,
      odd: null,
    },
    environment: { processor: 'Größter' },
    streams: [{ seed: 42, name: 'dropout', counters: [0, step], first: 4294967295 }],
    order: Uint32Array.of(2, 0, 1),
    history: [{ type: 'epoch', epoch: 1, seconds: 1, loss: 0.1 + 0.2, accuracy: 0.5 }],
  };
}

/** A disk on which one operation fails with this code while `failing` is true. */
export class FailingDisk {
  failing = true;
  readonly #operation: 'open' | 'write' | 'sync';
  readonly #code: string;

  constructor(operation: 'open' | 'write' | 'sync', code: string) {
    this.#operation = operation;
    this.#code = code;
  }

  readonly openFile: OpenFile = async (path, flags) => {
    const fails = (): Promise<never> =>
      Promise.reject(Object.assign(new Error(`${this.#code}: simulated`), { code: this.#code }));
    if (this.failing && this.#operation === 'open') return fails();
    const file = await open(path, flags);
    if (this.failing && this.#operation !== 'open') {
      // Like a disk that fills up half-way: some bytes are there already.
      await file.write('half');
      file[this.#operation] = fails;
    }
    return file;
  };
}
