export { randomStream } from './stream.ts';
export { permutation, shuffleInPlace } from './permutation.ts';
export { InvalidSeedError, RandomError, shown } from './errors.ts';
export type { RandomStream } from './stream.ts';
export type { RandomErrorCode } from './errors.ts';
