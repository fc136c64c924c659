/**
 * The checkpoints of one training in the folder of its run: written while it runs, taken up by `--resume`, removed
 * when everything that the training leaves behind is on the disk.
 */

import { rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { fitOptionsOf, trainCnn, type TrainCnnOptions } from '@fashion-bench/cnn';
import type { Resumption } from '@fashion-bench/report';
import {
  CheckpointFolder,
  configurationOf,
  type EpochEvent,
  keepCheckpoints,
  resumable,
  type TrainingEvent,
} from '@fashion-bench/training';

import { machineInfo } from '../../process/machine.ts';
import type { RunContext } from '../../run/context.ts';

export interface CheckpointedTraining {
  readonly events: AsyncIterable<TrainingEvent>;
  /** The epochs before this session. */
  readonly history: readonly EpochEvent[];
  /** Where this session takes the training up; null for one that begins. */
  readonly resumption: Resumption | null;
}

function checkpointFolder({ settings, journal }: RunContext): CheckpointFolder {
  const name = settings.repeats > 1 ? `checkpoints-seed${settings.seed}` : 'checkpoints';
  const { path, files } = journal.folder;
  return new CheckpointFolder(join(path, name), files);
}

/**
 * Nothing is trained before the first event is asked for.
 * @throws CheckpointError where the run cannot be resumed: no checkpoint is whole, or it is another training's
 */
export async function checkpointed(
  model: Parameters<typeof trainCnn>[0],
  options: TrainCnnOptions,
  context: RunContext,
): Promise<CheckpointedTraining> {
  const { settings, progress, resumed } = context;
  const folder = checkpointFolder(context);
  await context.journal.folder.refuseLink(basename(folder.path));
  const configuration = configurationOf(fitOptionsOf(model, options), {
    'random erasing': settings.augment,
  });
  const environment = environmentOf();
  const found = resumed ? await folder.newest() : undefined;
  // Left over from a run whose record is gone: a crash of this one must not fall back on them.
  if (!resumed) await folder.clear();
  for (const reason of found?.skipped ?? []) {
    progress.note(`${reason} The checkpoint before it is used.`);
  }
  const resume = found && resumable(found.checkpoint, configuration);
  if (found) noteOtherEnvironment(found.checkpoint.environment, environment, context);
  const history = found?.checkpoint.history ?? [];
  const { checkpointEvery: everyEpochs, checkpointSteps: everySteps } = settings;
  const checkpoint = { everyEpochs, ...(everySteps !== null && { everySteps }) };
  const events = trainCnn(model, { ...options, checkpoint, ...(resume && { resume }) });
  const told = new Set<string>();
  const onProblem = ({ message }: Error): void => {
    if (told.has(message)) return;
    told.add(message);
    progress.note(
      message.replace(/\.$/, '; the training goes on, and the last good checkpoint is untouched.'),
    );
  };
  const { epoch, step } = resume?.position ?? { epoch: 1, step: 0 };
  if (resume) progress.note(`Going on in epoch ${epoch}, after its step ${step}.`);
  return {
    events: keepCheckpoints(events, { folder, configuration, environment, history, onProblem }),
    history,
    resumption: resume ? { at: new Date().toISOString(), epoch, step } : null,
  };
}

/** Removes the checkpoints of a training that has left everything else behind. */
export async function removeCheckpoints(context: RunContext): Promise<void> {
  const folder = checkpointFolder(context);
  await context.journal.folder.refuseLink(basename(folder.path));
  await folder.clear();
  await rmdir(folder.path).catch(() => undefined);
}

/** What can change the last bits of a training without making it another one. */
function environmentOf(): Readonly<Record<string, string>> {
  const { cpuModel, os } = machineInfo();
  return { processor: cpuModel, system: os, node: process.versions.node };
}

function noteOtherEnvironment(
  there: Readonly<Record<string, string>>,
  here: Readonly<Record<string, string>>,
  { progress }: RunContext,
): void {
  const names = Object.keys(here).filter((name) => there[name] !== here[name]);
  if (names.length === 0) return;
  const list = names.map((name) => `${name} (${there[name]} then, ${here[name]} now)`).join(', ');
  progress.note(
    `The run was begun with another ${list}: the last bits of the weights may differ from those of an uninterrupted run.`,
  );
}
