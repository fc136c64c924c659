/**
 * The graph behind the kernel `exact`: one matrix product on onnxruntime with the training rows as constant weights,
 * and the probe that finds out whether this processor multiplies bytes without saturating.
 *
 * On x86 without VNNI the fast uint8 x int8 kernel adds pairs of products in 16 bits, which overflow silently
 * (onnxruntime.ai, "Quantize ONNX models"; onnxruntime#16105). uint8 x uint8 takes a kernel that is exact everywhere.
 */
import type { DType, OnnxModel } from '@fashion-bench/onnx';
import { KnnError } from '../errors.ts';
import type { ByteProduct } from './kernel.ts';
import type { Onnx } from './peers.ts';

/** [queries, columns] x [columns, rows] -> [queries, rows]; onnxruntime wants constant weights to be fast. */
export function productModel<T extends 'int8' | 'uint8' | 'float32'>(
  onnx: Onnx,
  dtype: T,
  columns: number,
  rows: number,
  weights: T extends 'int8' ? Int8Array : T extends 'uint8' ? Uint8Array : Float32Array,
): OnnxModel;
export function productModel(
  onnx: Onnx,
  dtype: 'int8' | 'uint8' | 'float32',
  columns: number,
  rows: number,
  weights: Int8Array | Uint8Array | Float32Array,
): OnnxModel {
  const graph = new onnx.GraphBuilder('distance-product');
  const float = dtype === 'float32';
  const x = graph.input('x', float ? 'float32' : 'uint8', ['queries', columns]);
  const w = graph.constant<DType>(dtype, [columns, rows], weights, 'rows');
  graph.output('y', float ? graph.op('MatMul', [x, w]) : graph.op('MatMulInteger', [x, w]));
  return graph.build();
}

/** Worst cases for a 16-bit intermediate: all 255 against columns of one extreme, of both, and of neighbours. */
const PROBE_COLUMNS = 64;
const PROBE_ROWS = 48;

/** Whether the product is exact on this processor where it is hardest. Takes a few milliseconds. */
export async function isExact(onnx: Onnx, product: ByteProduct, threads: number): Promise<boolean> {
  const signed = product === 'u8s8';
  const extremes = signed ? [127, -128] : [255, 0];
  const cells = Array.from({ length: PROBE_COLUMNS * PROBE_ROWS }, (_, i) => {
    const column = Math.floor(i / PROBE_ROWS);
    const row = i % PROBE_ROWS;
    // Thirds of the rows: one extreme, the other, alternating along the columns.
    return extremes[row % 3 === 2 ? column % 2 : row % 3] ?? 0;
  });
  const model = signed
    ? productModel(onnx, 'int8', PROBE_COLUMNS, PROBE_ROWS, Int8Array.from(cells))
    : productModel(onnx, 'uint8', PROBE_COLUMNS, PROBE_ROWS, Uint8Array.from(cells));
  const session = await onnx.OnnxSession.create(model, { threads });
  try {
    // One query and many take different routines.
    for (const queries of [1, 8]) {
      const data = new Uint8Array(queries * PROBE_COLUMNS).fill(255);
      const { y } = await session.run({
        x: { dtype: 'uint8', shape: [queries, PROBE_COLUMNS], data },
      });
      for (let i = 0; i < queries * PROBE_ROWS; i++) {
        let sum = 0;
        for (let c = 0; c < PROBE_COLUMNS; c++)
          sum += 255 * (cells[c * PROBE_ROWS + (i % PROBE_ROWS)] ?? 0);
        if (y?.data[i] !== sum) return false;
      }
    }
    return true;
  } finally {
    await session.dispose();
  }
}

/**
 * The product to use. @throws KnnError 'saturation' where the one asked for, or every one, gives wrong sums here.
 */
export async function chooseProduct(
  onnx: Onnx,
  asked: ByteProduct | 'auto',
  threads: number,
): Promise<ByteProduct> {
  const candidates: readonly ByteProduct[] = asked === 'auto' ? ['u8s8', 'u8u8'] : [asked];
  for (const product of candidates) {
    if (await isExact(onnx, product, threads)) return product;
  }
  throw new KnnError(
    'saturation',
    asked === 'auto'
      ? 'No byte product of onnxruntime is exact on this processor; use the kernel "naive".'
      : `The byte product ${asked} saturates on this processor and would give wrong distances; leave the choice to "auto".`,
  );
}
