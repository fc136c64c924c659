/** What a file may ask for. */

/** Numbers for one image at one point of the network: a gigabyte of float32. */
export const MAX_FEATURES: number = 1 << 28;

/** Multiplications for one image: about a minute of TensorFlow.js' plain backend, 400 times the study's network. */
export const MAX_WORK: number = 2 ** 32;
