/**
 * The two structs of the pruned search. src/pruned/layout.ts writes them field by field, in this order.
 */

/** Rows of a leaf: neighbours in space, side by side in memory, ruled out together or bounded together. */
export const LEAF: i32 = 32;
/** Coordinates of the coarse bound, and of a box. */
export const COARSE: i32 = 32;
/** Coordinates of either half of the fine bound. */
export const HALF: i32 = 64;
/** Coordinates by which rows are sorted into leaves. */
export const KEYS: i32 = 16;

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
}

/** What one worker owns. */
@unmanaged
export class Scratch {
  /** u8 [queries, padded to 4][rowBytes] */
  queries: usize;
  /** i16 [rowBytes / 2][4][2]: four centred rows, pairs of columns side by side */
  quad: usize;
  /** i32 [4]: their squared lengths */
  quadNorms: usize;
  /** i32 [4][axes]: their products with the axes */
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
  /** i32 [queries][k] */
  distances: usize;
  indices: usize;
  /** i32 [4], added to: leaves bounded, rows bounded with 64, with 127 coordinates, rows measured */
  counts: usize;
}
