export { KNeighborsClassifier } from './classifier.ts';
export { nearestNeighbors } from './nearest.ts';
export { encodeLabels, vote, voteShares } from './vote.ts';
export { matrix } from './matrix.ts';
export { DISTANCE_KERNELS, distanceKernel } from './kernels/table.ts';
export { naiveKernel } from './kernels/naive.ts';
export { expandedKernel } from './kernels/expanded.ts';
export { exactKernel } from './kernels/exact.ts';
export { distanceArray } from './kernels/kernel.ts';
export { KnnError, KnnInputError } from './errors.ts';
export type { KNeighborsClassifierOptions } from './classifier.ts';
export type { Algorithm, NearestOptions } from './nearest.ts';
export type { Neighbors, PreparedSearch, SearchOptions, SearchProgress } from './neighbors.ts';
export type { ClassShares, EncodedLabels, Labels, Weights } from './vote.ts';
export type { Matrix } from './matrix.ts';
export type {
  DistanceArray,
  DistanceKernel,
  DistanceKernelId,
  PreparedKernel,
} from './kernels/kernel.ts';
export type { ExactKernelOptions } from './kernels/exact.ts';
export type { ByteProduct } from './kernels/product.ts';
export type { KnnErrorCode, KnnInputErrorCode } from './errors.ts';
