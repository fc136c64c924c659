/** The stretches of a resumed run: in what their machines and programs differ, and which figures they measured. */

import { formatCount, formatList, formatPlural } from './format.ts';
import type { RunRecord, Stretch } from './record.ts';
import type { CnnRun, Resumption } from './results.ts';
import { cnnName, knnName } from './names.ts';

/** What can change a time, as plain text by name. */
function environmentOf({ machine, ...run }: Stretch): Readonly<Record<string, string>> {
  const { gpu, physicalCores, availableCores } = machine;
  const program = run.gitCommit === null ? run.version : run.gitCommit.slice(0, 12);
  return {
    processor: machine.cpuModel,
    cores: `${availableCores} available${physicalCores === null ? '' : ` of ${physicalCores}`}`,
    GPU: gpu === null ? 'none' : `${gpu.name}${gpu.driver === null ? '' : `, ${gpu.driver}`}`,
    'operating system': machine.os,
    Node: run.nodeVersion,
    'fashion-bench': `${program}${run.gitDirty === true ? ' with uncommitted changes' : ''}`,
    ...run.packages,
  };
}

/** `processor (A, then B), Node (20.19.0, then 22.1.0)`; empty where all stretches are alike. Plain text. */
export function differencesOf({ stretches = [] }: Pick<RunRecord, 'stretches'>): readonly string[] {
  const all = stretches.map(environmentOf);
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))];
  return names.flatMap((name) => {
    const values = all.map((one) => one[name] ?? 'missing');
    const changes = values.filter((value, i) => value !== values[i - 1]);
    return changes.length < 2 ? [] : [`${name} (${changes.join(', then ')})`];
  });
}

/**
 * The record with those times alone that were measured where the run began: of two machines a median says nothing.
 * Accuracies stay. The record itself where all stretches are alike.
 */
export function timesOfTheFirst(record: RunRecord): RunRecord {
  const { stretches = [] } = record;
  if (differencesOf(record).length === 0) return record;
  const keys = stretches.map((stretch) => JSON.stringify(environmentOf(stretch)));
  const isAlike = ({ stretch = 1 }: { readonly stretch?: number }): boolean =>
    keys[stretch - 1] === keys[0];
  return {
    ...record,
    knn: record.knn.map((one) => (isAlike(one) ? one : { ...one, repetitions: [] })),
    kernels: record.kernels.map((one) => (isAlike(one) ? one : { ...one, sampleSeconds: [] })),
    cnn: record.cnn.map((run) => {
      const shared = sharedEpochs(run).map(({ epoch }) => epoch);
      return {
        ...run,
        epochs: run.epochs.filter((one) => isAlike(one) && !shared.includes(one.epoch)),
      };
    }),
  };
}

/** What one stretch measured, as plain text: `k-NN, k = 5, uniform weights; epochs 1 to 3 of CNN, ...`. @param place from 1 */
export function measuredInStretch({ knn, cnn, kernels }: RunRecord, place: number): string {
  const isHere = ({ stretch = 1 }: { readonly stretch?: number }): boolean => stretch === place;
  const timings = kernels.filter(isHere).length;
  return [
    ...knn.filter(isHere).map(knnName),
    ...(timings === 0
      ? []
      : [`${formatCount(timings)} of ${formatPlural(kernels.length, 'kernel timing')}`]),
    ...cnn.flatMap((run) => {
      const here = run.epochs.filter(isHere).map(({ epoch }) => epoch);
      const shared = sharedEpochs(run).filter(({ epoch }) => here.includes(epoch));
      const words = shared.map(({ epoch, step }) => `epoch ${epoch} from its step ${step + 1} on`);
      return here.length === 0
        ? []
        : `${rangesOf(here)} of ${cnnName(run)}${words.length === 0 ? '' : ` (${formatList(words)})`}`;
    }),
  ].join('; ');
}

/** The resumptions in the middle of an epoch, but for those whose steps were taken again after a later one. */
function sharedEpochs({ resumptions = [] }: CnnRun): readonly Resumption[] {
  return resumptions.filter(
    ({ epoch, step }, i) =>
      step > 0 &&
      resumptions
        .slice(i + 1)
        .every((later) => later.epoch > epoch || (later.epoch === epoch && later.step >= step)),
  );
}

/** `epoch 3`, `epochs 1 to 3 and 7`: numbers in rising order. */
function rangesOf(epochs: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const epoch of epochs) {
    const last = ranges.at(-1);
    if (last?.[1] === epoch - 1) last[1] = epoch;
    else ranges.push([epoch, epoch]);
  }
  const words = ranges.map(([from, to]) => (from === to ? `${from}` : `${from} to ${to}`));
  return `${epochs.length === 1 ? 'epoch' : 'epochs'} ${formatList(words)}`;
}
