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
  type KnnKey,
  type KnnResult,
  type RunPredictions,
  type RunRecord,
  type RunStatus,
  type Stretch,
} from '@fashion-bench/report';

import { PREDICTIONS_FILE, RECORD_FILE } from '../output/folders.ts';
import type { OutputFolder } from '../output/output-folder.ts';
import { OutputError } from '../process/errors.ts';
import { peakMemoryBytes } from '../process/machine.ts';
import { isSameSearch, PredictionsBuilder, put } from './predictions-builder.ts';
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
  /** The run that this process resumes. */
  #earlier: RunRecord | null = null;

  /** @param elapsed seconds since this process took up the run */
  constructor(folder: OutputFolder, base: RecordBase, elapsed: () => number) {
    this.folder = folder;
    this.predictions = new PredictionsBuilder(base.run.id);
    this.#base = base;
    this.#elapsed = elapsed;
  }

  /** Takes over what a run measured before it was interrupted. What is measured from here on is a stretch of its own. */
  restore(earlier: RunRecord, predictions: RunPredictions | null): void {
    this.#earlier = earlier;
    this.#knn.push(...earlier.knn);
    this.#kernels.push(...earlier.kernels);
    this.#cnn.push(...earlier.cnn);
    if (predictions !== null) this.predictions.restore(predictions);
  }

  /** The training with this seed and batch, as far as it has come. */
  cnnRun(seed: number, batchSize: number): CnnRun | undefined {
    return this.#cnn.find((run) => run.seed === seed && run.batchSize === batchSize);
  }

  /** The stretch of the run that this process is, from 1. */
  get stretch(): number {
    return this.#earlier === null ? 1 : stretchesOf(this.#earlier).length + 1;
  }

  /** Whether the record has a search with these settings. */
  hasKnn(key: KnnKey): boolean {
    return this.#knn.some((result) => isSameSearch(result, key));
  }

  hasKernel(key: KernelKey): boolean {
    return this.#kernels.some((timing) => isSameCall(timing, key));
  }

  /** Replaces one with the same settings, whose predictions a killed process did not come to write. */
  async addKnn(result: KnnResult): Promise<void> {
    put(this.#knn, { ...result, ...this.#place() }, isSameSearch);
    await this.write('interrupted');
  }

  async addKernel(timing: KernelTiming): Promise<void> {
    this.#kernels.push({ ...timing, ...this.#place() });
    await this.write('interrupted');
  }

  #place(): { readonly stretch?: number } {
    return this.#earlier === null ? {} : { stretch: this.stretch };
  }

  /** Replaces the state of the training with the same seed and batch: it grows by an epoch each time. */
  async setCnn(run: CnnRun): Promise<void> {
    put(this.#cnn, run, (a, b) => a.seed === b.seed && a.batchSize === b.batchSize);
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
    const here: RunRecord = {
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
    const record = this.#earlier === null ? here : resumedRecord(this.#earlier, here);
    await this.#write(RECORD_FILE, formatRecord(record));
    return record;
  }

  /** Writes what was predicted so far beside the record; nothing when nothing was. @throws OutputError */
  async savePredictions(): Promise<void> {
    const predictions = this.predictions.build();
    if (predictions === null) return;
    await this.#write(PREDICTIONS_FILE, formatPredictions(predictions));
  }

  async #write(name: string, text: string): Promise<void> {
    try {
      await this.folder.write({ [name]: text });
    } catch (error) {
      throw this.#earlier !== null && error instanceof OutputError ? error.inResumedRun() : error;
    }
  }
}

type KernelKey = Pick<KernelTiming, 'kernel' | 'engine' | 'queries' | 'rows'>;

function isSameCall(a: KernelKey, b: KernelKey): boolean {
  return (
    a.kernel === b.kernel && a.engine === b.engine && a.queries === b.queries && a.rows === b.rows
  );
}

function stretchesOf({ stretches, run, machine, engines }: RunRecord): readonly Stretch[] {
  if (stretches !== undefined) return stretches;
  return [
    {
      startedAt: run.startedAt,
      command: run.command,
      options: run.options,
      gitCommit: run.gitCommit,
      gitDirty: run.gitDirty,
      version: run.version,
      nodeVersion: run.nodeVersion,
      packages: run.packages,
      wallSeconds: run.wallSeconds,
      peakMemoryBytes: run.peakMemoryBytes,
      machine,
      engines,
    },
  ];
}

/** A run keeps its beginning; what this process says of itself stands in its stretch. */
function resumedRecord(earlier: RunRecord, here: RunRecord): RunRecord {
  const { status, wallSeconds, peakMemoryBytes, expectations } = here.run;
  return {
    ...here,
    machine: earlier.machine,
    data: earlier.data,
    engines: earlier.engines,
    run: {
      ...earlier.run,
      status,
      expectations,
      wallSeconds: earlier.run.wallSeconds + wallSeconds,
      peakMemoryBytes: Math.max(earlier.run.peakMemoryBytes, peakMemoryBytes),
    },
    stretches: [...stretchesOf(earlier), ...stretchesOf(here)],
  };
}
