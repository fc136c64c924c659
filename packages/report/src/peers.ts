/**
 * What `bench peers` leaves behind: this project and other libraries doing the same work in turn, on one machine. The
 * run-time check of the same shape is `peers-schema.ts`.
 *
 * Raw laps only; ratios are computed by whoever reads them (`ratio.ts`). The conventions are those of `record.ts`.
 */

import type { DataInfo, MachineInfo, OptionValue, RunInfo } from './record.ts';

/** The version string of this format; a change of shape needs a new number. */
export const PEERS_SCHEMA = 'fashion-bench/peers@1';

/** The whole of a race's `record.json`. */
export interface PeersRecord {
  readonly schema: typeof PEERS_SCHEMA;
  readonly run: RunInfo;
  readonly machine: MachineInfo;
  readonly data: DataInfo;
  readonly races: readonly Race[];
}

export type RaceKind = 'cnn' | 'knn';

/** The same work by several contestants, one lap each in every round, always in the same order: A B A B ... */
export interface Race {
  readonly kind: RaceKind;
  /** What tells this race from the others of its kind, for example `batch 128`. */
  readonly name: string;
  /** What one lap is and what its clocks cover, in words. */
  readonly work: string;
  /** What everyone did before the first clock started, in words. */
  readonly warmup: string;
  readonly settings: Readonly<Record<string, OptionValue>>;
  /** Names of the clocks; every lap has one time for each. The first is the one to compare by. */
  readonly clocks: readonly string[];
  /** The contestant that the others are compared with: this project. */
  readonly ours: string;
  /** In the order in which they ran. */
  readonly contestants: readonly Contestant[];
  /** Who was asked for and could not take part. */
  readonly absent: readonly AbsentContestant[];
}

export interface Contestant {
  /** `fashion-bench`, `keras`, `torch`, `faiss`, `sklearn`, ... */
  readonly id: string;
  /** As people call it. */
  readonly name: string;
  /** Library -> version. */
  readonly versions: Readonly<Record<string, string>>;
  /** How it computes: engine, precision, switches; in words. */
  readonly details: string;
  /** The BLAS in use and the processor it chose its kernels for; `null` where unknown or none. */
  readonly blas: string | null;
  readonly threads: number;
  /** One per round, in order. */
  readonly laps: readonly Lap[];
  /** Largest resident set of its process in bytes; `null` where unknown. */
  readonly peakMemoryBytes: number | null;
  /** How its results compare with ours, in words; `null` where nothing was compared. */
  readonly agreement: string | null;
}

export interface Lap {
  /** Clock -> seconds. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Mean training loss of the lap's epoch, as a check that work was done; `null` for a search. */
  readonly loss: number | null;
  /** Training accuracy of the epoch, or share of test images classified right by a search. */
  readonly accuracy: number | null;
}

export interface AbsentContestant {
  readonly id: string;
  readonly name: string;
  /** In words a user can act on. */
  readonly reason: string;
}
