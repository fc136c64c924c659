/** What a file may ask for, so that no file takes more than 1 GiB and 30 seconds. Measured in benchmarks/results/fuzz-model-files. */

/** Bytes of a file. Keras keeps the optimizer's memory, twice the weights, beside them. */
export const MAX_FILE_BYTES: number = 1 << 28;

/** Bytes of all weights together: 38 times the study's network. They are in memory several times while they are read. */
export const MAX_WEIGHT_BYTES: number = 1 << 26;

/**
 * Bytes and characters of JSON. A thousand layers, the most that are read, take half of it; the worst of it is some 200 MB
 * as objects.
 */
export const MAX_JSON_BYTES: number = 1 << 22;

/** Numbers for one image at all points of the network together, 80 times the study's: TensorFlow.js' softmax takes a microsecond or two for each. */
export const MAX_FEATURES: number = 1 << 23;

/** Multiplications and comparisons for one image: some 7 s of TensorFlow.js' plain backend, 50 times the study's network. */
export const MAX_WORK: number = 2 ** 29;

/** Files that hold the weights of one model, and names of weights, those of the optimizer's memory included. */
export const MAX_NAMES = 16_384;
