export { KNeighborsClassifier } from './classifier.ts';
export { NearestNeighbors } from './nearest-neighbors.ts';
export { KNeighborsRegressor } from './regressor.ts';
export { RadiusNeighborsClassifier } from './radius-classifier.ts';
export { nearestNeighbors } from './nearest.ts';
export { nearestNeighborsStreamed } from './streamed.ts';
export { nearestOf } from './neighbors.ts';
export { encodeLabels } from './labels.ts';
export { vote, voteShares } from './vote.ts';
export { StandardScaler } from './standard-scaler.ts';
export { matrix } from './matrix.ts';
export { DISTANCE_KERNELS } from './kernels/table.ts';
export { distanceKernel, exactKernel, expandedKernel, naiveKernel } from './kernels/published.ts';
export { PRODUCTS, bareProduct } from './kernels/bare-product.ts';
export { distanceArray } from './kernels/kernel.ts';
export { KnnError, KnnFileError, KnnInputError } from './errors.ts';
export type { KNeighborsClassifierOptions, KneighborsOptions, LoadOptions } from './classifier.ts';
export type {
  FilteredOptions,
  GraphMode,
  NearestNeighborsOptions,
  RadiusNeighbors,
  SparseMatrix,
} from './nearest-neighbors.ts';
export type { KNeighborsRegressorOptions } from './regressor.ts';
export type { RadiusNeighborsClassifierOptions } from './radius-classifier.ts';
export type { Algorithm, NearestOptions } from './nearest.ts';
export type { RowBlocks, StreamedOptions } from './streamed.ts';
export type { EffectiveMetric, MetricOptions } from './metric.ts';
export type {
  NeighborIndices,
  Neighbors,
  PreparedSearch,
  SearchOptions,
  SearchProgress,
} from './neighbors.ts';
export type { EncodedLabels, Label } from './labels.ts';
export type { ClassShares, WeightFunction, Weights } from './vote.ts';
export type { Matrix } from './matrix.ts';
export type {
  ByteProduct,
  DistanceArray,
  DistanceKernel,
  DistanceKernelId,
  PreparedKernel,
} from './kernels/kernel.ts';
export type { BareProduct, ProductShape } from './kernels/bare-product.ts';
export type { ExactKernelOptions } from './kernels/exact.ts';
export type { KnnErrorCode, KnnFileErrorCode, KnnInputErrorCode } from './errors.ts';
