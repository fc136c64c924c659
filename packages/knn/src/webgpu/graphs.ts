/**
 * What the device does for a block of queries: find the rows that look nearest in float32.
 *
 *   scores = |t|^2 - 2 q.t           [queries, rows of a part]; |q|^2 is the same for every row of one query
 *   stage 1: the best of each tile   TopK over [queries, tiles, tile]
 *   stage 2: the best of those       TopK over [queries, tiles * count]
 *
 * A TopK over 60,000 columns would be a sort in global memory of 65,536 for each query; tiles of up to 2,048 are sorted in
 * the memory of a work group. onnxruntime's TopK numbers its results in int64, which the provider does not compute with: both
 * lists of positions are read back, and put together by the processor.
 */
import type { GraphBuilder, OnnxModel, Value } from '@fashion-bench/onnx';
import type { Onnx } from '../kernels/peers.ts';

export interface BlockShape {
  readonly queries: number;
  readonly tiles: number;
  /** Rows of a tile. */
  readonly tile: number;
  readonly columns: number;
}

/**
 * Inputs: `queries` [queries, columns], `data` [tiles * tile, columns], `norms` [1, tiles * tile].
 * Output: `scores` [queries, tiles * tile].
 */
export function scoreGraph(onnx: Onnx, shape: BlockShape): OnnxModel {
  const g = new onnx.GraphBuilder('scores');
  g.output('scores', scoresOf(g, shape));
  return g.build();
}

/**
 * Inputs as `scoreGraph`.
 * Outputs: `scores` [queries, count] ascending, `second` int64 [queries, count] positions in the joined best of all tiles,
 * `first` int64 [queries, tiles, count] positions in a tile.
 */
export function selectionGraph(onnx: Onnx, shape: BlockShape, count: number): OnnxModel {
  const { queries, tiles, tile } = shape;
  const g = new onnx.GraphBuilder('nearest rows');
  const smallest = { axis: -1, largest: 0, sorted: 1 };
  const k = g.ints([count]);
  const byTile = g.reshape(scoresOf(g, shape), [queries, tiles, tile]);
  const [values, first] = g.ops('TopK', [byTile, k], smallest, 2);
  if (!values || !first) throw new Error('TopK has two outputs');
  const joined = g.reshape(values, [queries, tiles * count]);
  const [scores, second] = g.ops('TopK', [joined, k], smallest, 2);
  if (!scores || !second) throw new Error('TopK has two outputs');
  g.output('scores', scores);
  g.output('first', first);
  g.output('second', second);
  return g.build();
}

function scoresOf(g: GraphBuilder, { queries, tiles, tile, columns }: BlockShape): Value {
  const q = g.input('queries', 'float32', [queries, columns]);
  const data = g.input('data', 'float32', [tiles * tile, columns]);
  const norms = g.input('norms', 'float32', [1, tiles * tile]);
  return g.op('Gemm', [q, data, norms], { alpha: -2, transB: 1 });
}
