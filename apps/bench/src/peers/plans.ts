/** The races of one call: what each is, in words for the record, and the job that everyone in it gets. */

import type { DataInfo } from '@fashion-bench/report';
import { formatCount } from '@fashion-bench/report';

import type { ContestantSpec } from './contestants/contestant.ts';
import { OURS } from './ours.ts';
import type { RacePlan } from './race.ts';
import type { PeersSettings } from './settings.ts';

export type RaceDevice = 'cpu' | 'gpu' | 'software driver';

export interface Planning {
  readonly settings: PeersSettings;
  readonly data: DataInfo;
  /** Where the raw arrays lie. */
  readonly folder: string;
  readonly columns: number;
  readonly threads: number;
  /** For our program: an id, or `auto` where the search chooses for itself. */
  readonly engine: string;
  /** What that engine computes on; a software driver imitates a GPU on the processor. */
  readonly device: RaceDevice;
  readonly contestants: readonly ContestantSpec[];
}

export function plansOf(planning: Planning): readonly RacePlan[] {
  const { settings, contestants } = planning;
  const racing = contestants.filter(
    ({ id, race }) => race === settings.kind && (id === OURS || settings.peers.includes(id)),
  );
  return settings.kind === 'cnn'
    ? settings.batchSizes.map((batchSize) => cnnPlan(planning, racing, batchSize))
    : [knnPlan(planning, racing)];
}

function shared({ settings, folder, threads, engine }: Planning): {
  folder: string;
  rounds: number;
  threads: number;
  seed: number;
  engine: string;
} {
  const { pairs, run } = settings;
  return { folder, rounds: pairs, threads, seed: run.seed, engine };
}

function cnnPlan(
  planning: Planning,
  contestants: readonly ContestantSpec[],
  batchSize: number,
): RacePlan {
  const { data, settings, device } = planning;
  const images = formatCount(data.trainCount);
  return {
    race: {
      kind: 'cnn',
      name: `batch ${batchSize}`,
      work: `One lap is one epoch of the study's network (438,122 parameters) over ${images} images in batches of ${batchSize}: shuffling, batches, forward with dropout, backward and Adam with Keras' defaults. Evaluation is not in it.`,
      warmup:
        'ours as its details say; the others take eight steps, or an epoch where it has fewer, and one as small as the last of an epoch',
      settings: { 'batch-size': batchSize, augment: settings.run.augment, device },
      clocks: ['epoch'],
    },
    job: { ...shared(planning), kind: 'cnn', batchSize, gpu: device !== 'cpu' },
    // Times on a GPU are worth having by themselves.
    alone: device !== 'cpu',
    contestants,
  };
}

function knnPlan(planning: Planning, contestants: readonly ContestantSpec[]): RacePlan {
  const { data, settings, columns } = planning;
  const { k } = settings.run;
  return {
    race: {
      kind: 'knn',
      name: `k = ${k}`,
      work: `One lap finds the ${k} nearest of ${formatCount(data.trainCount)} rows of ${columns} columns for each of ${formatCount(data.testCount)} queries, row numbers and Euclidean distances: first from a new index (fit + search), then once more on it (search). The others get the rows as float32, converted outside every clock; ours takes the bytes.`,
      warmup: 'one fit and a search of 256 queries',
      settings: { k },
      clocks: ['search', 'fit + search'],
    },
    job: { ...shared(planning), kind: 'knn', k, columns },
    alone: false,
    contestants,
  };
}
