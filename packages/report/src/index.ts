export {
  decodeClasses,
  decodePixels,
  decodeProbabilities,
  encodeClasses,
  encodePixels,
  encodeProbabilities,
} from './encoding.ts';
export { ReportInputError } from './checks.ts';
export { PredictionsError, PublishedError, RecordError } from './errors.ts';
export type { PredictionsErrorCode, PublishedErrorCode, RecordErrorCode } from './errors.ts';
export { compareRuns, comparisonOf } from './compare/compare.ts';
export type { AccuracyVerdict, Comparison, TimePair } from './compare/compare.ts';
export { drawFigures } from './figures/figures.ts';
export type { StoredRun } from './figures/figures.ts';
export type { Figure } from './figures/figure.ts';
export {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatGops,
  formatPercent,
  formatPoints,
  formatRange,
  formatSeconds,
} from './format.ts';
export { renderHtml } from './html.ts';
export { formatPredictions, parsePredictions } from './parse-predictions.ts';
export { parsePublished } from './parse-published.ts';
export { formatRecord, parseRecord } from './parse.ts';
export { PREDICTIONS_SCHEMA } from './predictions.ts';
export type {
  CnnPredictions,
  ErasedSample,
  KCurvePoint,
  KnnKey,
  KnnPredictions,
  NeighborSample,
  RunPredictions,
  SampleImage,
} from './predictions.ts';
export { renderPeers, renderPeersSummary } from './peers-report.ts';
export { formatPeers, parsePeers } from './peers-schema.ts';
export { PEERS_SCHEMA } from './peers.ts';
export type { AbsentContestant, Contestant, Lap, PeersRecord, Race, RaceKind } from './peers.ts';
export { PUBLISHED_SCHEMA } from './published.ts';
export type {
  CnnRecipe,
  KnnRecipe,
  Published,
  PublishedCnn,
  PublishedFigure,
  PublishedKnn,
  PublishedOther,
} from './published.ts';
export { lapSeconds, oursOf, ratioOf } from './ratio.ts';
export type { Ratio } from './ratio.ts';
export { RECORD_SCHEMA } from './record.ts';
export type {
  AvailableEngine,
  DataInfo,
  EngineEntry,
  Expectation,
  GpuInfo,
  MachineInfo,
  MissingEngine,
  OptionValue,
  RunInfo,
  RunRecord,
  Stretch,
} from './record.ts';
export { renderReport } from './report.ts';
export type { ReportExtras } from './report.ts';
export type {
  AreaStatistics,
  AugmentInfo,
  CnnRun,
  ConfusionMatrix,
  EpochResult,
  KernelTiming,
  ProductPeak,
  KnnResult,
  NetworkInfo,
  OptimizerInfo,
  ReachedMark,
  Resumption,
  RunStatus,
} from './results.ts';
export { drawSpeedTable } from './speed-table.ts';
export type { RecordedRace } from './speed-table.ts';
export { parseScaling, parseScalingMeasurement } from './parse-scaling.ts';
export { SCALING_SCHEMA, searchSeconds } from './scaling.ts';
export type { ScalingMeasurement, ScalingPoint, ScalingRecord } from './scaling.ts';
export { FULL_TEST_COUNT, FULL_TRAIN_COUNT, runLabels, whyNotComparable } from './standing.ts';
export type { Label } from './standing.ts';
export { quantile, wilsonInterval } from './statistics/proportions.ts';
export type { Interval } from './statistics/proportions.ts';
export { meanAndSd } from './statistics/spread.ts';
export { FIGURES_FOLDER } from './sections/figure.ts';
export { renderSummary } from './summary.ts';
export { printable, printableLines } from './text.ts';
export { verdict } from './verdict.ts';
export type { Verdict } from './verdict.ts';
