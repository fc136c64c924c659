/**
 * The three kinds of measurement inside a record: k-NN results, CNN training runs, kernel timings.
 * Conventions as in `record.ts`: seconds, bytes, fractions in [0, 1], `null` for "does not apply".
 */

/** `interrupted`: stopped by the user; what was measured until then is kept. */
export type RunStatus = 'completed' | 'interrupted';

/** Rows are true classes, columns predicted ones; every row sums to the class' test images. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** k-NN with one setting, over all test images. */
export interface KnnResult {
  /** Number of neighbours. */
  readonly k: number;
  readonly weights: 'uniform' | 'distance';
  /** The distance, for example `euclidean`. */
  readonly metric: string;
  /** The distance kernel: `naive`, `expanded` or `exact`. */
  readonly kernel: string;
  /** Engine id, see `engines`. */
  readonly engine: string;
  /** Number format of the arithmetic, for example `uint8 x int8 -> int32, exact`. */
  readonly precision: string;
  /** Which neighbour and which label win a tie, in words. */
  readonly tieRule: string;
  /** Whether each pixel was scaled to zero mean and unit variance first; false = raw 0..255. */
  readonly standardised: boolean;
  /** Training rows that were searched. */
  readonly trainCount: number;
  /** Test images classified rightly, of `total`. */
  readonly correct: number;
  readonly total: number;
  /** `correct / total`. */
  readonly accuracy: number;
  /** Preparing the training rows, in seconds. */
  readonly fitSeconds: number;
  /** Neighbours and votes of all test images, in seconds: the median of `repetitions`. */
  readonly searchSeconds: number;
  /** Every timed search, in seconds, in the order measured. */
  readonly repetitions: readonly number[];
  /** What ran before the clock started, in words; `none` if nothing did. */
  readonly warmup: string;
  readonly threads: number;
  /** Queries per block. */
  readonly queryBlock: number;
  readonly confusion: ConfusionMatrix | null;
  /** Which of the record's `stretches` measured it, from 1; absent: the first, or the only one. */
  readonly stretch?: number;
}

/** One training of the network. */
export interface CnnRun {
  readonly engine: string;
  readonly precision: string;
  readonly threads: number;
  readonly network: NetworkInfo;
  readonly optimizer: OptimizerInfo;
  /** The training loss, for example `categorical cross-entropy`. */
  readonly loss: string;
  readonly batchSize: number;
  readonly epochsRequested: number;
  /** Seed of this training: initial weights, order of images, dropout, erasing. */
  readonly seed: number;
  readonly trainCount: number;
  readonly augment: AugmentInfo;
  /** What ran before the clock started, in words; `none` if nothing did. */
  readonly warmup: string;
  /** The finished epochs, in order, from 1. */
  readonly epochs: readonly EpochResult[];
  readonly status: RunStatus;
  /** Accuracy on the test images after the last finished epoch; `null` if there is none. */
  readonly finalTestAccuracy: number | null;
  /** Test images right after the last finished epoch, of `total`; `null` as above. */
  readonly correct: number | null;
  readonly total: number | null;
  /** Sum of the epochs' training time, in seconds, without evaluation. */
  readonly trainSeconds: number;
  /** Predicting all test images after training, in seconds; `null` if it was not timed. */
  readonly predictSeconds: number | null;
  /** Largest resident set size seen during the training, in bytes. */
  readonly peakMemoryBytes: number;
  /** When test accuracy first reached stated marks (0.916 and 0.92). */
  readonly reached: readonly ReachedMark[];
  readonly confusion: ConfusionMatrix | null;
  /** SHA-256 of the trained weights, float32 in Keras' order as they lie in memory; absent in older records and before the end. */
  readonly weightsSha256?: string;
  /** Where an interrupted training was taken up again; absent where it never was. */
  readonly resumptions?: readonly Resumption[];
}

export interface Resumption {
  /** ISO 8601. */
  readonly at: string;
  /** Place of the checkpoint: epoch from 1, and the steps taken in it. */
  readonly epoch: number;
  readonly step: number;
}

export interface NetworkInfo {
  readonly name: string;
  /** Trainable parameters. */
  readonly parameters: number;
}

export interface OptimizerInfo {
  readonly name: string;
  /** For example `{ learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }`. */
  readonly settings: Readonly<Record<string, number>>;
}

/** Random Erasing as it was asked for and as it fell out. */
export interface AugmentInfo {
  /** `once` before training (the study's way), anew every `epoch`, or `none`. */
  readonly mode: 'once' | 'epoch' | 'none';
  /** Probability that an image is erased; `null` for mode `none`. */
  readonly p: number | null;
  /** Images erased, over all passes; 0 for mode `none`. */
  readonly erased: number;
  /** `erased` over all images that passed through the eraser; 0 for mode `none`. */
  readonly fraction: number;
  /** Erased pixels per erased image; `null` when none was erased. */
  readonly areaPixels: AreaStatistics | null;
}

export interface AreaStatistics {
  readonly mean: number;
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly max: number;
}

export interface EpochResult {
  /** From 1. */
  readonly epoch: number;
  /** Training time of this epoch in seconds, without evaluation. */
  readonly seconds: number;
  /** Mean training loss over the epoch, dropout on; `null` when it was not finite (diverged). */
  readonly loss: number | null;
  /** Training accuracy over the epoch, dropout on, while the weights were changing. */
  readonly accuracy: number;
  /** Accuracy on the test images after this epoch; `null` if not evaluated. */
  readonly testAccuracy: number | null;
  /** Mean cross-entropy on the test images, in nats; `null` if not evaluated, absent in older records. */
  readonly testLoss?: number | null;
  /** Time of that evaluation in seconds; `null` if not evaluated. */
  readonly evaluationSeconds: number | null;
  /** Which of the record's `stretches` ended it, from 1 (`resumptions` say which epoch was begun in another); absent: the first, or the only one. */
  readonly stretch?: number;
}

export interface ReachedMark {
  /** The mark: a test accuracy. */
  readonly testAccuracy: number;
  /** The first epoch at or above it, or `null` if none was. */
  readonly epoch: number | null;
  /** Training time up to and including that epoch, in seconds, without evaluation. */
  readonly trainSeconds: number | null;
}

/** What this machine's matrix products reach at best: what a kernel's throughput is a share of. */
export interface ProductPeak {
  readonly gops: number;
  /** Which product, in words: arithmetic, library and shape. */
  readonly product: string;
  /** Calls of each product tried; the fastest call counts. */
  readonly n: number;
}

/** Timings of one distance kernel on one block shape. */
export interface KernelTiming {
  readonly kernel: string;
  readonly engine: string;
  readonly precision: string;
  readonly threads: number;
  /** Shape of the block: queries [queries, columns] against rows [rows, columns]. */
  readonly queries: number;
  readonly rows: number;
  readonly columns: number;
  /** Arithmetic counted for one call: 2 x queries x rows x columns (a multiply-add is two). */
  readonly operations: number;
  /** Timed calls, the length of `sampleSeconds`. */
  readonly n: number;
  readonly medianSeconds: number;
  readonly meanSeconds: number;
  /** Sample standard deviation (n - 1), in seconds; 0 for a single sample. */
  readonly sdSeconds: number;
  readonly p25Seconds: number;
  readonly p75Seconds: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** `operations / medianSeconds / 1e9`. */
  readonly gops: number;
  /** The fastest bare matrix product measured in the same run, by the same count; records before 2026-11-25 lack it. */
  readonly peak?: ProductPeak;
  /** What ran before the clock started, in words; `none` if nothing did. */
  readonly warmup: string;
  /** Every timed call, in seconds, in the order measured. */
  readonly sampleSeconds: readonly number[];
  /** Which of the record's `stretches` measured it, from 1; absent: the first, or the only one. */
  readonly stretch?: number;
}
