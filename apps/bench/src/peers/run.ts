/** `bench peers cnn` and `bench peers knn`: the races, their record, and the report made from it. */

import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

import { IMAGE_SIZE } from '@fashion-bench/dataset';
import type { EngineInfo } from '@fashion-bench/engine';
import {
  formatPeers,
  type PeersRecord,
  PEERS_SCHEMA,
  type Race,
  renderPeers,
  renderPeersSummary,
  type RunStatus,
} from '@fashion-bench/report';

import { defaultThreads, isFullData } from '../command-line/settings.ts';
import { checkAgainstData, cutToLimits, type RunData } from '../data/data.ts';
import { eraserOf } from '../data/erasing.ts';
import { prepareFolder } from '../output/files.ts';
import {
  newRunId,
  RECORD_FILE,
  refuseOldRecord,
  REPORT_FILE,
  resultsFolder,
} from '../output/folders.ts';
import { OutputFolder } from '../output/output-folder.ts';
import { InterruptedError } from '../process/errors.ts';
import { EXIT } from '../process/failure.ts';
import type { Io } from '../process/io.ts';
import { machineInfo, peakMemoryBytes } from '../process/machine.ts';
import { chooseProgress, type Progress } from '../process/progress.ts';
import { shownPath } from '../process/repository.ts';
import { runBeginning } from '../run/run-info.ts';
import type { Services } from '../run/services.ts';
import { agreementOf, agreementWords } from './agreement.ts';
import { CONTESTANTS } from './contestants.ts';
import type { ContestantSpec } from './contestants/contestant.ts';
import { type RaceData, readIndices, withDataFolder } from './data-folder.ts';
import { plansOf, type RaceDevice } from './plans.ts';
import { type RacePlan, runRace } from './race.ts';
import { peersOptions, type PeersSettings } from './settings.ts';
import { targetsOf } from './targets.ts';

export interface PeersRequest {
  readonly settings: PeersSettings;
  /** The command line as it was given, for the record. */
  readonly command: string;
  readonly root: string;
  /** Default: all there are. */
  readonly contestants?: readonly ContestantSpec[];
}

/** @returns the exit code */
export async function peersRun(request: PeersRequest, io: Io, services: Services): Promise<number> {
  const { settings, root } = request;
  const startedAt = new Date();
  const progress = chooseProgress(settings.run.quiet, io);
  const stop = new AbortController();
  const unsubscribe = io.onStop((signal) => {
    progress.note(`Stopping (${signal}); whole rounds are kept.`);
    stop.abort(new InterruptedError(signal));
  });
  const id = newRunId(`peers-${settings.kind}`, startedAt);
  const folder =
    settings.run.out === null ? join(resultsFolder(root), id) : resolve(settings.run.out);
  let discard: () => Promise<void> = () => Promise.resolve();
  try {
    await refuseOldRecord(folder);
    const output = await OutputFolder.fresh(folder, services.files);
    discard = await prepareFolder(folder, services.files);
    const context = { io, services, progress, signal: stop.signal, id, startedAt, output };
    return await race(request, context);
  } catch (error) {
    await discard();
    throw error;
  } finally {
    unsubscribe();
  }
}

interface RaceContext {
  readonly io: Io;
  readonly services: Services;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly id: string;
  readonly startedAt: Date;
  /** Where record and report go. */
  readonly output: OutputFolder;
}

async function race(request: PeersRequest, context: RaceContext): Promise<number> {
  const { settings, root, contestants: specs = CONTESTANTS } = request;
  const { io, services, progress, signal, output } = context;
  const begun = performance.now();
  const threads = settings.run.threads ?? defaultThreads(availableParallelism());
  const engine = await services.resolveEngine(settings.run.engine, { threads, env: io.env });
  const images = await services.loadImages(settings.run, { env: io.env, progress, signal });
  const data = cutToLimits(images, settings.run, root);
  for (const batchSize of settings.batchSizes) {
    checkAgainstData(
      { ...settings.run, batchSize },
      data.info.trainCount,
      new Set([settings.kind]),
    );
  }
  const engines = await services.listEngines({ threads, env: io.env });
  const beginning = await runBeginning({
    ...{ ...context, root, engines, settings: settings.run, options: peersOptions(settings) },
    command: request.command,
  });
  const machine = machineInfo(engines);
  /** Whole races, and the whole rounds of the one that is being run. */
  const kept: { races: readonly Race[] } = { races: [] };
  const record = (races: readonly Race[], status: RunStatus): PeersRecord => ({
    schema: PEERS_SCHEMA,
    run: {
      ...beginning,
      status,
      wallSeconds: (performance.now() - begun) / 1000,
      peakMemoryBytes: peakMemoryBytes(),
      expectations:
        status === 'completed' && isFullData(settings.run) ? targetsOf(races, specs) : [],
    },
    machine,
    data: data.info,
    races,
  });
  const write = (text: string, name: string): Promise<void> => output.write({ [name]: text });

  let interrupted: InterruptedError | null = null;
  try {
    await withDataFolder(raceData(data, settings), async (dataFolder) => {
      const plans = plansOf({
        ...{
          settings,
          data: data.info,
          folder: dataFolder,
          columns: IMAGE_SIZE,
          threads,
          contestants: specs,
        },
        engine: settings.kind === 'cnn' ? engine.id : settings.run.engine,
        device: settings.kind === 'cnn' ? deviceOf(engine) : 'cpu',
      });
      for (const plan of plans) {
        const done = kept.races;
        const finished = await runRace(plan, {
          ...{ progress, signal },
          setting: { python: settings.python, root, env: io.env },
          afterRound: async (soFar) => {
            kept.races = [...done, soFar];
            await write(formatPeers(record(kept.races, 'interrupted')), RECORD_FILE);
          },
        });
        kept.races = [...done, await withAgreement(finished, plan, dataFolder, data)];
      }
    });
  } catch (error) {
    if (!(signal.reason instanceof InterruptedError)) throw error;
    interrupted = signal.reason;
  }
  const { races } = kept;
  // Stopped in the first round: there is nothing to keep.
  if (interrupted !== null && races.length === 0) throw interrupted;
  const result = record(races, interrupted === null ? 'completed' : 'interrupted');
  await write(formatPeers(result), RECORD_FILE);
  await write(renderPeers(result), REPORT_FILE);
  const words = `${renderPeersSummary(result)}\nReport: ${shownPath(join(output.path, REPORT_FILE))}\n`;
  io.stdout.write(settings.run.json ? formatPeers(result) : words);
  if (interrupted !== null) return interrupted.exitCode;
  return result.run.expectations.every(({ ok }) => ok) ? EXIT.done : EXIT.missedBand;
}

function deviceOf({ id, gpu }: EngineInfo): RaceDevice {
  if (gpu) return 'gpu';
  return id === 'onnx-webgpu' ? 'software driver' : 'cpu';
}

function raceData({ train, test }: RunData, { kind, run }: PeersSettings): RaceData {
  const images =
    kind === 'cnn' ? eraserOf(run.augment, train.images, run.seed).images : train.images;
  return { trainImages: images, trainLabels: train.labels, testImages: test.images };
}

/** Compares what the others found with what we found, where something was searched for. */
async function withAgreement(
  race: Race,
  { job }: RacePlan,
  folder: string,
  { train, test }: RunData,
): Promise<Race> {
  if (job.kind !== 'knn') return race;
  const ours = await readIndices(folder, race.ours);
  const rows = { train: train.images, queries: test.images, columns: job.columns, k: job.k };
  const contestants = await Promise.all(
    race.contestants.map(async (one) => {
      if (one.id === race.ours) return one;
      const found = agreementOf(ours, await readIndices(folder, one.id), rows);
      return { ...one, agreement: agreementWords(found) };
    }),
  );
  return { ...race, contestants };
}
