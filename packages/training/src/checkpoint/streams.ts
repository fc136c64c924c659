/**
 * The state of the random streams at a checkpoint. Streams are functions of seed, name and counters
 * (\@fashion-bench/random), not generators that move on: a key is the whole state of one. The first number of each is
 * kept beside its key, so that a version of this program that draws other numbers is found out.
 */
import { randomStream } from '@fashion-bench/random';
import { CheckpointError } from '../errors.ts';
import { orderOfEpoch, type TrainingSnapshot } from '../loop/position.ts';

export interface StreamKey {
  readonly name: string;
  readonly counters: readonly number[];
}

export interface StreamState extends StreamKey {
  readonly seed: number;
  /** The stream's first uint32. */
  readonly first: number;
}

/** The streams that the next step will draw from, and others that the caller knows of. */
export function streamStates(
  seed: number,
  { position, state }: TrainingSnapshot,
  more: readonly StreamKey[],
): readonly StreamState[] {
  const keys: readonly StreamKey[] = [
    { name: 'shuffle', counters: [position.epoch] },
    { name: 'dropout', counters: [0, state.step] },
    ...more,
  ];
  return keys.map(({ name, counters }) => ({
    seed,
    name,
    counters,
    first: firstOf(seed, name, counters),
  }));
}

function firstOf(seed: number, name: string, counters: readonly number[]): number {
  return randomStream(seed, name, ...counters).nextUint32();
}

/**
 * @param order of the epoch that was begun, or null.
 * @throws CheckpointError 'version' where this program would draw other numbers than the one that wrote the checkpoint.
 */
export function checkStreams(
  states: readonly StreamState[],
  order: Uint32Array | null,
  { position }: TrainingSnapshot,
): void {
  const other = states.find(
    ({ seed, name, counters, first }) => firstOf(seed, name, counters) !== first,
  );
  const seed = states.find(({ name }) => name === 'shuffle')?.seed;
  const sameOrder =
    order === null ||
    (seed !== undefined &&
      orderOfEpoch(seed, position.epoch, order.length).every((index, i) => index === order[i]));
  if (other === undefined && sameOrder) return;
  throw new CheckpointError(
    'version',
    `The checkpoint was written by a version that draws other random numbers ("${other?.name ?? 'shuffle'}"): go on with that version, or start anew.`,
  );
}
