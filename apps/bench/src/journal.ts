/**
 * The record of a run while it grows. It is written whole after every part and every epoch, and says
 * `interrupted` until the run has ended: a process that is killed leaves a true record behind.
 */

import { join } from 'node:path';

import {
  type CnnRun,
  type Expectation,
  formatRecord,
  type KernelTiming,
  type KnnResult,
  type RunInfo,
  type RunRecord,
  type RunStatus,
} from '@fashion-bench/report';

import { type FileSystem, writeWhole } from './files.ts';
import { peakMemoryBytes } from './machine.ts';

/** What is known before the first measurement. */
export type RecordBase = Pick<RunRecord, 'schema' | 'machine' | 'data' | 'engines'> & {
  readonly run: Omit<RunInfo, 'status' | 'wallSeconds' | 'peakMemoryBytes' | 'expectations'>;
};

/** What was measured so far. */
export type Results = Pick<RunRecord, 'knn' | 'cnn' | 'kernels'>;

export class Journal {
  readonly folder: string;
  readonly #base: RecordBase;
  readonly #files: FileSystem;
  readonly #elapsed: () => number;
  readonly #knn: KnnResult[] = [];
  readonly #kernels: KernelTiming[] = [];
  #cnn: CnnRun | null = null;

  /** @param elapsed seconds since the run began */
  constructor(folder: string, base: RecordBase, files: FileSystem, elapsed: () => number) {
    this.folder = folder;
    this.#base = base;
    this.#files = files;
    this.#elapsed = elapsed;
  }

  async addKnn(result: KnnResult): Promise<void> {
    this.#knn.push(result);
    await this.write('interrupted');
  }

  async addKernel(timing: KernelTiming): Promise<void> {
    this.#kernels.push(timing);
    await this.write('interrupted');
  }

  /** Replaces the training's state: it grows by an epoch each time. */
  async setCnn(run: CnnRun): Promise<void> {
    this.#cnn = run;
    await this.write('interrupted');
  }

  /** @throws OutputError when the disk does not take it; the previous state of the file is kept then */
  async write(
    status: RunStatus,
    expect: (results: Results) => readonly Expectation[] = () => [],
  ): Promise<RunRecord> {
    const results: Results = {
      knn: this.#knn,
      cnn: this.#cnn === null ? [] : [this.#cnn],
      kernels: this.#kernels,
    };
    const record: RunRecord = {
      ...this.#base,
      ...results,
      run: {
        ...this.#base.run,
        status,
        wallSeconds: this.#elapsed(),
        peakMemoryBytes: peakMemoryBytes(),
        expectations: expect(results),
      },
    };
    await writeWhole(join(this.folder, 'record.json'), formatRecord(record), this.#files);
    return record;
  }
}
