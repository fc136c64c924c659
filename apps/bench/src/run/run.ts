/**
 * A measured run from its first check to its report: output folder, engine, data, parts, record, summary.
 * Whatever can be refused is refused before the first measurement.
 */

import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import { systemCode } from '@fashion-bench/files';
import {
  formatRecord,
  type Published,
  RECORD_SCHEMA,
  renderSummary,
  type RunStatus,
} from '@fashion-bench/report';

import type { MeasuredPart } from '../command-line/parts.ts';
import { defaultThreads, optionsForRecord, type Settings } from '../command-line/settings.ts';
import { checkAgainstData, cutToLimits } from '../data/data.ts';
import { type FileSystem, prepareFolder } from '../output/files.ts';
import {
  newRunId,
  PREDICTIONS_FILE,
  readPublished,
  type Committed,
  readCommitted,
  RECORD_FILE,
  refuseOldRecord,
  resultsFolder,
} from '../output/folders.ts';
import { removeLeftovers } from '../output/leftovers.ts';
import { OutputFolder } from '../output/output-folder.ts';
import { writeReport } from '../output/report-files.ts';
import { type FolderLock, lockFolder } from '../output/run-lock.ts';
import { InterruptedError, OutputError } from '../process/errors.ts';
import { EXIT } from '../process/failure.ts';
import type { Io } from '../process/io.ts';
import { machineInfo } from '../process/machine.ts';
import { chooseProgress, type Progress } from '../process/progress.ts';
import { shownPath } from '../process/repository.ts';
import type { RunContext } from './context.ts';
import { expectationsOf } from './expectations.ts';
import { Journal, type RecordBase } from './journal.ts';
import { checkSameData, type EarlierRun, resumeCommand } from './resume.ts';
import { runBeginning } from './run-info.ts';
import type { Services } from './services.ts';

export interface RunRequest {
  readonly part: MeasuredPart;
  readonly settings: Settings;
  /** The command line as it was given, for the record. */
  readonly command: string;
  readonly root: string;
  /** The interrupted run to resume; null for a new one. */
  readonly earlier: EarlierRun | null;
}

/** The short parts first: an interrupted run then keeps the most. */
const ORDER = ['knn', 'kernels', 'cnn'] as const;

/** @returns the exit code */
export async function measuredRun(
  request: RunRequest,
  io: Io,
  services: Services,
): Promise<number> {
  const { settings, root, part, earlier } = request;
  const begun = performance.now();
  const startedAt = new Date();
  const progress = chooseProgress(settings.quiet, io);
  const stop = new AbortController();
  const unsubscribe = io.onStop((signal) => {
    progress.note(`Stopping after the current step (${signal}); once more ends it at once.`);
    stop.abort(new InterruptedError(signal));
  });
  const id = earlier?.record.run.id ?? newRunId(part, startedAt);
  const folder =
    earlier?.folder ??
    (settings.out === null ? join(resultsFolder(root), id) : resolve(settings.out));
  const nothing = (): Promise<void> => Promise.resolve();
  let discard = nothing;
  let lock: FolderLock | null = null;
  try {
    const published = await readPublished(root);
    const committed = await readCommitted(root);
    if (earlier === null) await refuseOldRecord(folder);
    discard = await prepareFolder(folder, services.files);
    const taken = (lock = await lockFolder(folder));
    const files: FileSystem = {
      openFile: async (path, flags) => {
        await taken.check();
        return services.files.openFile(path, flags);
      },
    };
    // Again, now that nobody else can write one.
    if (earlier === null) await refuseOldRecord(folder);
    else await removeLeftovers(folder);
    const output = await (earlier === null
      ? OutputFolder.fresh(folder, files)
      : OutputFolder.ofRun(folder, files, [RECORD_FILE, PREDICTIONS_FILE]));
    const context = await prepare(request, io, services, {
      id,
      startedAt,
      output,
      progress,
      signal: stop.signal,
      elapsed: () => (performance.now() - begun) / 1000,
    });
    return await measure(request, context, { published, committed }, io, services).catch(
      async (error: unknown) => {
        // Whoever holds the folder now is resuming the run.
        if (systemCode(error) !== 'in-use') await sayHowToResume(folder, io);
        throw error;
      },
    );
  } catch (error) {
    await lock?.release();
    await discard();
    throw earlier !== null && error instanceof OutputError ? error.inResumedRun() : error;
  } finally {
    await lock?.release();
    unsubscribe();
  }
}

interface Beginning {
  readonly id: string;
  readonly startedAt: Date;
  readonly output: OutputFolder;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly elapsed: () => number;
}

/** Finds engine and data, and checks the settings against them. */
async function prepare(
  { settings, root, part, command, earlier }: RunRequest,
  io: Io,
  services: Services,
  { id, startedAt, output, progress, signal, elapsed }: Beginning,
): Promise<RunContext> {
  const usual = defaultThreads(availableParallelism());
  const threads = settings.threads ?? usual;
  if (earlier?.record.run.options['threads'] === null && threads !== usual) {
    progress.note(
      `Going on with ${threads} threads, as the run was begun, and not one for each of the ${availableParallelism()} cores here: their number changes the last bits of weights.`,
    );
  }
  const engine = await services.resolveEngine(earlier?.engine ?? settings.engine, {
    threads,
    env: io.env,
  });
  signal.throwIfAborted();
  const engines = await services.listEngines({ threads, env: io.env });
  signal.throwIfAborted();
  const images = await services.loadImages(settings, { env: io.env, progress, signal });
  const data = cutToLimits(images, settings, root);
  if (earlier !== null) checkSameData(earlier, data.info);
  checkAgainstData(settings, data.info.trainCount, new Set(part === 'all' ? ORDER : [part]));
  const options = optionsForRecord(settings);
  const base: RecordBase = {
    schema: RECORD_SCHEMA,
    run: await runBeginning({ id, startedAt, command, root, settings, options, engines }),
    machine: machineInfo(engines),
    data: data.info,
    engines,
  };
  const journal = new Journal(output, base, elapsed);
  if (earlier !== null) journal.restore(earlier.record, earlier.predictions);
  const resumed = earlier !== null;
  return { settings, data, engine, engines, threads, progress, signal, journal, resumed };
}

/** What the report is made from besides the run; read before anything is measured, so that a broken file costs no run. */
interface Readings {
  readonly published: Published;
  readonly committed: Committed;
}

/** Runs the parts and writes record and report, also of what an interruption left. */
async function measure(
  { settings, part }: RunRequest,
  context: RunContext,
  { published, committed }: Readings,
  io: Io,
  services: Services,
): Promise<number> {
  const { journal, signal } = context;
  let interrupted: InterruptedError | null = null;
  try {
    for (const name of part === 'all' ? ORDER : [part]) {
      signal.throwIfAborted();
      await services.parts[name](context);
    }
  } catch (error) {
    // Whatever a part throws once the user has stopped the run is that stop making its way out.
    if (!(signal.reason instanceof InterruptedError)) throw error;
    interrupted = signal.reason;
  }
  const status: RunStatus = interrupted === null ? 'completed' : 'interrupted';
  await journal.savePredictions();
  // Last: a run that says it is complete has everything.
  const record = await journal.write(status, (results) => expectationsOf(settings, results));
  const predictions = journal.predictions.build();
  const report = await writeReport([{ record, predictions }], published, journal.folder, committed);
  const summary = `${renderSummary(record)}\nReport: ${shownPath(report)}\n`;
  io.stdout.write(settings.json ? formatRecord(record) : summary);
  if (interrupted !== null) {
    await sayHowToResume(journal.folder.path, io);
    return interrupted.exitCode;
  }
  const missed = record.run.expectations.filter(({ ok }) => !ok);
  for (const { name, expected, measured } of missed) {
    io.stderr.write(
      `Outside its stated band: ${name}: expected ${expected}, measured ${measured}.\n`,
    );
  }
  return missed.length === 0 ? EXIT.done : EXIT.missedBand;
}

async function sayHowToResume(folder: string, { stderr }: Io): Promise<void> {
  const command = await resumeCommand(folder);
  if (command !== null) stderr.write(`What was measured is kept. To go on: ${command}\n`);
}
