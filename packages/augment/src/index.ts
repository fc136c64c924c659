export { randomErasing } from './random-erasing.ts';
export { areaStatistics } from './statistics.ts';
export { AugmentError } from './errors.ts';
export type { RandomErasingResult } from './random-erasing.ts';
export type { ImageShape, RandomErasingOptions } from './options.ts';
export type { AreaStatistics } from './statistics.ts';
export type { AugmentErrorCode } from './errors.ts';
