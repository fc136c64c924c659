/**
 * The two structs of the searches by squared distance. src/pruned/layout.ts writes them field by field, in this order.
 */

/** Rows of a leaf: neighbours in space, side by side in memory, ruled out together or bounded together. */
export const LEAF: i32 = 32;
/** Coordinates of the coarse bound, and of a box. */
export const COARSE: i32 = 32;
/** Coordinates of either half of the fine bound. */
export const HALF: i32 = 64;
/** Coordinates by which rows are sorted into leaves. */
export const KEYS: i32 = 16;

/** What a key is: the squared distance, 1 - cosine, or the negative inner product. */
export const EUCLIDEAN: i32 = 0;
export const COSINE: i32 = 1;
export const INNER_PRODUCT: i32 = 2;

/** What all workers share: the rows and their embeddings. A slot is a row's place in the order of the leaves. */
@unmanaged
export class Index {
  /** Embedding units per unit of distance. */
  unit: f64;
  /** Embedding units per unit of the integer product with an axis. */
  axisUnit: f64;
  /** How far an embedding distance may exceed the true one, in embedding units: 32, 64 and 127 coordinates. */
  coarseMargin: f64;
  nearMargin: f64;
  farMargin: f64;
  /** Of floats (src/floats/steps.ts): steps per unit of distance, as it is and a little enlarged. */
  stepsPerUnit: f64;
  reachPerUnit: f64;
  /** The squared reach of a key is keyFactor * key + the query's shift. */
  keyFactor: f64;
  /** The largest slack of a row, in steps. */
  mostSlack: f64;
  /** Of the inner product: the largest squared length of a row. */
  longest: f64;
  /** Rows there are. */
  count: i32;
  /** Slots: the rows padded to a multiple of LEAF. */
  slots: i32;
  /** Bytes of one row, padded with zeros to a multiple of 16. */
  rowBytes: i32;
  /** 1 where there is a fine bound, 0 where measuring costs no more than bounding. */
  fine: i32;
  /** Axes padded to a multiple of 8. */
  axes: i32;
  /** Floats of one row, padded with zeros to a multiple of 4; 0 where the bytes are the rows themselves. */
  columns: i32;
  /** Where the one byte goes that no float gives; of the inner product. */
  extra: i32;
  metric: i32;
  /** u8 [slots][rowBytes] */
  data: usize;
  /** i16 [rowBytes] */
  center: usize;
  /** i16 [axes / 8][rowBytes / 2][8][2] */
  axisData: usize;
  /** i32 [slots]: the row in each slot */
  order: usize;
  /** i16 [slots / LEAF][COARSE / 2][LEAF][2]; before rows are ordered i16 [KEYS][slots] */
  leafData: usize;
  /** i32 [slots]: squared length of the coarse embedding; int32's largest for padding */
  leafNorms: usize;
  /** i16 [slots / LEAF][2][COARSE]: least and greatest coordinates of the rows in a leaf */
  boxes: usize;
  /** i16 [slots][2][HALF]: 63 axes and the rest, the next 63 axes and what is left then */
  fineData: usize;
  /** f32 [rows][columns] */
  floats: usize;
  /** f64 [rows]: the length of each row; not of Euclidean distances */
  lengths: usize;
  /** f32 [slots]: how far rounding to bytes may have moved the row, in steps */
  slacks: usize;
  /** f64 [rowBytes]: what byte 0 stands for, in steps */
  lows: usize;
}

/** What one worker owns. */
@unmanaged
export class Scratch {
  /** u8 [queries, padded to 8][rowBytes] */
  queries: usize;
  /** i16 [rowBytes / 2][4][2]: four centred rows, pairs of columns side by side */
  quad: usize;
  /** i32 [4]: their squared lengths */
  quadNorms: usize;
  /** i32 [4][axes or queries]: their products with the axes or the queries */
  products: usize;
  /** Of four queries: i16 [4][COARSE], i32 [4], i16 [4][2][HALF] */
  coarseData: usize;
  coarseNorms: usize;
  fineData: usize;
  /** i32 [slots / LEAF, padded to 4]: squared distance from the query to each box */
  boxDistances: usize;
  /** i32 [LEAF] */
  scores: usize;
  /** i32 [BATCH + LEAF]: slots whose coarse bound does not rule them out */
  hits: usize;
  /** i32 [BATCH + LEAF] twice: slots that pass the next bound, and that bound */
  survivors: usize;
  survivorBounds: usize;
  /** i32 [guess leaves] twice: the boxes nearest to the query */
  guessDistances: usize;
  guessLeaves: usize;
  /** i32 [candidates] twice: the rows in them that look nearest */
  candidateScores: usize;
  candidateSlots: usize;
  /** f64 [queries][k]: keys, ascending; i32 [queries][k]: their rows */
  keys: usize;
  indices: usize;
  /** i32 [5], added to: leaves bounded, rows bounded with 64, with 127 coordinates, rows measured, keys of floats computed */
  counts: usize;
  /** i32 [queries]: the greatest squared distance of bytes that a row among the k best can have */
  limits: usize;
  /** f64 [queries]: of floats, the same for a row without slack, not squared */
  reaches: usize;
  /** f32 [queries][columns] */
  floats: usize;
  /** f64 [queries]: slack, shift (see keyFactor) and length */
  slacks: usize;
  shifts: usize;
  lengths: usize;
  /** i32 [4], f64 [4]: slots whose keys are computed together */
  pending: usize;
  pendingKeys: usize;
  /** i16 [queries / 8][rowBytes / 2][8][2], i32 [queries]: all queries of a scan, and their squared lengths */
  octets: usize;
  octetNorms: usize;
}
