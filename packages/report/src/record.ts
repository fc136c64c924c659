/**
 * What one run of the bench leaves behind: the types of `record.json`.
 *
 * Only raw measurements and what is needed to judge and repeat them; nothing here is interpreted or
 * rounded. The run-time check of the same shape is `record-schema.ts`; the compiler proves in both
 * directions that the two agree. What a record should hold follows MLPerf's log keys and
 * ann-benchmarks' rule of storing results raw and computing metrics later.
 *
 * Conventions: every key is always present and `null` says "not known" or "does not apply"; times are
 * seconds, memory is bytes, accuracies are fractions in [0, 1].
 */

import type { CnnRun, KernelTiming, KnnResult, RunStatus } from './results.ts';

/** The version string of the record format; a change of shape needs a new number. */
export const RECORD_SCHEMA = 'fashion-bench/record@1';

/** The whole of `record.json`. */
export interface RunRecord {
  /** The format's version, so that a reader can refuse what it does not understand. */
  readonly schema: typeof RECORD_SCHEMA;
  readonly run: RunInfo;
  readonly machine: MachineInfo;
  readonly data: DataInfo;
  /** Every engine the project knows, whether this machine had it or not. */
  readonly engines: readonly EngineEntry[];
  /** One entry per classifier setting; empty when k-NN was not asked for. */
  readonly knn: readonly KnnResult[];
  /** One entry per training run; empty when the CNN was not asked for. */
  readonly cnn: readonly CnnRun[];
  /** One entry per kernel and block shape; empty when the kernels were not timed. */
  readonly kernels: readonly KernelTiming[];
  /**
   * The parts of a run that was interrupted and resumed, in order, two or more; absent where one process measured
   * everything. `run`, `machine`, `data` and `engines` are then those of the first, but for status, times and memory.
   */
  readonly stretches?: readonly Stretch[];
}

/** What one process measured of a run, and where. Results name it by its place in the list. */
export interface Stretch extends Pick<
  RunInfo,
  | 'startedAt'
  | 'command'
  | 'options'
  | 'gitCommit'
  | 'gitDirty'
  | 'version'
  | 'nodeVersion'
  | 'packages'
  | 'wallSeconds'
  | 'peakMemoryBytes'
> {
  readonly machine: MachineInfo;
  readonly engines: readonly EngineEntry[];
}

/** A value of a resolved option, as plain JSON. */
export type OptionValue = string | number | boolean | null | readonly (string | number)[];

/** Which run this was, of which program, with which options. */
export interface RunInfo {
  /** Names the run and its folder; unique among the runs of one machine. */
  readonly id: string;
  /** ISO 8601 in UTC, for example `2026-01-31T09:30:00.000Z`. */
  readonly startedAt: string;
  /** The command line as it was given, for example `pnpm bench --quick`. */
  readonly command: string;
  /** Every option after defaults and presets were applied, by its long name without dashes. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The master seed, 0 to 2^32 - 1; all other randomness derives from it. */
  readonly seed: number;
  /** The shortened road (`--quick`): few epochs or a subset, never a result to compare. */
  readonly quick: boolean;
  /** Generated images instead of Fashion-MNIST; always equal to `data.synthetic`. */
  readonly synthetic: boolean;
  readonly status: RunStatus;
  /** Full commit hash of the program, or `null` outside a git checkout. */
  readonly gitCommit: string | null;
  /** Whether the checkout had uncommitted changes; `null` outside a git checkout. */
  readonly gitDirty: boolean | null;
  /** Version of fashion-bench itself. */
  readonly version: string;
  /** `process.versions.node`, for example `20.20.0`. */
  readonly nodeVersion: string;
  /** npm package name -> version, for those the numbers depend on (onnxruntime-node, tfjs, ...). */
  readonly packages: Readonly<Record<string, string>>;
  /** From start to end of the whole run, in seconds; without the time between an interruption and its resumption. */
  readonly wallSeconds: number;
  /** Largest resident set size of a process of the run, in bytes. */
  readonly peakMemoryBytes: number;
  /** Figures that this run promised to reach; empty where it promised none (quick, synthetic, subset). */
  readonly expectations: readonly Expectation[];
}

/** A stated band for one figure and whether the run met it. */
export interface Expectation {
  /** What was promised, for example `k-NN accuracy, k = 5, uniform weights`. */
  readonly name: string;
  /** The band in words, for example `exactly 0.8554` or `at least 0.918`. */
  readonly expected: string;
  readonly measured: number;
  readonly ok: boolean;
}

/** The machine that the numbers belong to. */
export interface MachineInfo {
  readonly cpuModel: string;
  /** Physical cores, or `null` where the system does not tell. */
  readonly physicalCores: number | null;
  /** Logical cores of the machine. */
  readonly logicalCores: number;
  /** Logical cores this process may use (`os.availableParallelism()`). */
  readonly availableCores: number;
  /** `process.arch`: `x64`, `arm64`, ... */
  readonly architecture: string;
  /** Instruction sets that matter here, for example `avx2`, `avx512_vnni`; empty where unknown. */
  readonly cpuFeatures: readonly string[];
  /** Total memory in bytes. */
  readonly memoryBytes: number;
  /** Name and version of the operating system. */
  readonly os: string;
  /** Load average over 1, 5 and 15 minutes at the start; `null` where the system has none. */
  readonly loadAverage: readonly [number, number, number] | null;
  readonly gpu: GpuInfo | null;
}

export interface GpuInfo {
  readonly name: string;
  /** Driver version, or `null` where unknown. */
  readonly driver: string | null;
  /** Memory of the device in bytes, or `null` where unknown. */
  readonly memoryBytes: number | null;
}

/** Which images the run used. */
export interface DataInfo {
  readonly name: 'fashion-mnist' | 'synthetic-fashion';
  readonly synthetic: boolean;
  /** The classes' names in the order of their labels. */
  readonly classNames: readonly string[];
  /** Where they were found: a path, a URL or `generated, seed 42`. */
  readonly source: string;
  /** File name -> SHA-256 of what was read, in lower-case hexadecimal. */
  readonly sha256: Readonly<Record<string, string>>;
  /** The same of what was in them, however they were packed, by names that do not depend on that; absent in older records. */
  readonly contentSha256?: Readonly<Record<string, string>>;
  /** Training images used, after any limit. */
  readonly trainCount: number;
  /** Test images used, after any limit. */
  readonly testCount: number;
  /** The training limit asked for, or `null` when all images were used. */
  readonly trainLimit: number | null;
  /** The test limit asked for, or `null` when all images were used. */
  readonly testLimit: number | null;
  /** How a subset was chosen, for example `stratified by label, seed 42`; `null` without a limit. */
  readonly subsetRule: string | null;
}

/** One engine: what it is, or why this machine does not have it. */
export type EngineEntry = AvailableEngine | MissingEngine;

export interface AvailableEngine {
  readonly state: 'available';
  readonly engine: {
    readonly id: string;
    readonly library: string;
    readonly version: string;
    readonly device: string;
    /** A GPU's driver in words. */
    readonly driver?: string | undefined;
    readonly gpu: boolean;
    /** Numeric caveats, for example TF32. */
    readonly caveats: readonly string[];
  };
}

export interface MissingEngine {
  readonly state: 'missing';
  readonly id: string;
  /** In words a user can act on. */
  readonly reason: string;
}
