/** A small checkpoint, a folder that goes away with its test, and a disk that fails on command. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import {
  nodeCheckpointFiles,
  type Checkpoint,
  type CheckpointFiles,
  type TrainingSnapshot,
} from '../../src/index.ts';

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

export type Operation = Exclude<keyof CheckpointFiles, 'list' | 'read' | 'remove'>;

/** The real files, but for one operation that fails with this code while `failing` is true. */
export class FailingFiles {
  failing = true;
  readonly files: CheckpointFiles;

  constructor(operation: Operation, code: string) {
    const fails = async (): Promise<void> => {
      if (this.failing) throw Object.assign(new Error(`${code}: simulated`), { code });
      await Promise.resolve();
    };
    const real = nodeCheckpointFiles;
    this.files = {
      ...real,
      ...{
        makeFolder: {
          makeFolder: async (path: string) => fails().then(() => real.makeFolder(path)),
        },
        writeNew: {
          // Like a disk that fills up half-way: some bytes are there already.
          writeNew: async (path: string, bytes: Uint8Array) => {
            if (this.failing) await real.writeNew(path, bytes.subarray(0, 20));
            await fails();
            await real.writeNew(path, bytes);
          },
        },
        rename: {
          rename: async (from: string, to: string) => fails().then(() => real.rename(from, to)),
        },
        syncFolder: {
          syncFolder: async (path: string) => fails().then(() => real.syncFolder(path)),
        },
      }[operation],
    };
  }
}
