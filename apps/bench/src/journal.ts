/**
 * The record of a run while it grows. It is written whole after every part and every epoch, and says
 * `interrupted` until the run has ended: a process that is killed leaves a true record behind.
 */

import {
  type CnnRun,
  type Expectation,
  formatPredictions,
  formatRecord,
  type KernelTiming,
  type KnnResult,
  type RunPredictions,
  type RunRecord,
  type RunStatus,
} from '@fashion-bench/report';

import { PREDICTIONS_FILE, RECORD_FILE } from './folders.ts';
import { peakMemoryBytes } from './machine.ts';
import type { OutputFolder } from './output-folder.ts';
import { PredictionsBuilder } from './predictions-builder.ts';
import type { RunBeginning } from './run-info.ts';

/** What is known before the first measurement. */
export type RecordBase = Pick<RunRecord, 'schema' | 'machine' | 'data' | 'engines'> & {
  readonly run: RunBeginning;
};

/** What was measured so far. */
export type Results = Pick<RunRecord, 'knn' | 'cnn' | 'kernels'>;

export class Journal {
  readonly folder: OutputFolder;
  /** What the parts predict, until `savePredictions` writes it. */
  readonly predictions: PredictionsBuilder;
  readonly #base: RecordBase;
  readonly #elapsed: () => number;
  readonly #knn: KnnResult[] = [];
  readonly #kernels: KernelTiming[] = [];
  readonly #cnn: CnnRun[] = [];

  /** @param elapsed seconds since the run began */
  constructor(folder: OutputFolder, base: RecordBase, elapsed: () => number) {
    this.folder = folder;
    this.predictions = new PredictionsBuilder(base.run.id);
    this.#base = base;
    this.#elapsed = elapsed;
  }

  /** Takes over what a run measured before it was interrupted. */
  restore(results: Results, predictions: RunPredictions | null): void {
    this.#knn.push(...results.knn);
    this.#kernels.push(...results.kernels);
    this.#cnn.push(...results.cnn);
    if (predictions !== null) this.predictions.restore(predictions);
  }

  /** The training with this seed and batch, as far as it has come. */
  cnnRun(seed: number, batchSize: number): CnnRun | undefined {
    return this.#cnn.find((run) => run.seed === seed && run.batchSize === batchSize);
  }

  async addKnn(result: KnnResult): Promise<void> {
    this.#knn.push(result);
    await this.write('interrupted');
  }

  async addKernel(timing: KernelTiming): Promise<void> {
    this.#kernels.push(timing);
    await this.write('interrupted');
  }

  /** Replaces the state of the training with the same seed and batch: it grows by an epoch each time. */
  async setCnn(run: CnnRun): Promise<void> {
    const same = this.#cnn.findIndex(
      ({ seed, batchSize }) => seed === run.seed && batchSize === run.batchSize,
    );
    this.#cnn.splice(same < 0 ? this.#cnn.length : same, 1, run);
    await this.write('interrupted');
  }

  /** @throws OutputError when the disk does not take it; the previous state of the file is kept then */
  async write(
    status: RunStatus,
    expect: (results: Results) => readonly Expectation[] = () => [],
  ): Promise<RunRecord> {
    const results: Results = {
      knn: this.#knn,
      cnn: this.#cnn,
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
    await this.folder.write({ [RECORD_FILE]: formatRecord(record) });
    return record;
  }

  /** Writes what was predicted so far beside the record; nothing when nothing was. @throws OutputError */
  async savePredictions(): Promise<void> {
    const predictions = this.predictions.build();
    if (predictions === null) return;
    await this.folder.write({ [PREDICTIONS_FILE]: formatPredictions(predictions) });
  }
}
