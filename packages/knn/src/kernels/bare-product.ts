/**
 * A matrix product and nothing else: what a distance kernel could reach at best on this machine, for comparison. Byte
 * products may saturate here, which makes them no slower.
 */
import type { TensorValue } from '@fashion-bench/onnx';
import { MOST_THREADS, isObject, isWhole, mustBe } from '../checks.ts';
import type { ByteProduct } from './kernel.ts';
import { loadOnnx } from './peers.ts';
import { productModel } from './product.ts';

export interface ProductShape {
  readonly queries: number;
  readonly rows: number;
  readonly columns: number;
}

export interface BareProduct {
  /** Arithmetic, library, threads and shape, in words for a report. */
  readonly path: string;
  /** Multiplies once. */
  run(): Promise<void>;
  dispose(): Promise<void>;
}

export const PRODUCTS = ['float32', 'u8s8', 'u8u8'] as const;

const MOST = 2 ** 31 - 1;

/** [queries, columns] times [columns, rows] of counting numbers, on onnxruntime, into the same memory each time. @throws KnnInputError 'option', KnnError 'missing-package'. */
export async function bareProduct(
  product: ByteProduct | 'float32',
  shape: ProductShape,
  threads: number,
): Promise<BareProduct> {
  const known = PRODUCTS.includes(product);
  mustBe('The product', product, `one of ${PRODUCTS.join(', ')}`, known, 'option');
  mustBe('The shape', shape, '{ queries, rows, columns }', isObject(shape), 'option');
  const { queries, rows, columns } = shape;
  for (const [name, count, most] of [
    ['queries', queries, MOST],
    ['rows', rows, MOST],
    ['columns', columns, MOST],
    ['threads', threads, MOST_THREADS],
  ] as const) {
    const accepted = `a whole number from 1 to ${most}`;
    mustBe(`The number of ${name}`, count, accepted, isWhole(count, 1, most), 'option');
  }
  const onnx = await loadOnnx('exact');
  const model = {
    float32: () =>
      productModel(onnx, 'float32', columns, rows, count(new Float32Array(columns * rows))),
    u8s8: () => productModel(onnx, 'int8', columns, rows, count(new Int8Array(columns * rows))),
    u8u8: () => productModel(onnx, 'uint8', columns, rows, count(new Uint8Array(columns * rows))),
  }[product]();
  const session = await onnx.OnnxSession.create(model, { threads });
  const float = product === 'float32';
  const sizes = [queries, columns];
  const x: TensorValue = float
    ? { dtype: 'float32', shape: sizes, data: count(new Float32Array(queries * columns)) }
    : { dtype: 'uint8', shape: sizes, data: count(new Uint8Array(queries * columns)) };
  const y: TensorValue = float
    ? { dtype: 'float32', shape: [queries, rows], data: new Float32Array(queries * rows) }
    : { dtype: 'int32', shape: [queries, rows], data: new Int32Array(queries * rows) };
  const names = { float32: 'float32', u8s8: 'uint8 x int8', u8u8: 'uint8 x uint8' };
  return {
    path: `${names[product]}, onnxruntime, ${threads} threads, ${queries} x ${rows} x ${columns}`,
    run: async () => {
      await session.run({ x }, { y });
    },
    dispose: () => session.dispose(),
  };
}

function count<T extends Float32Array | Int8Array | Uint8Array>(values: T): T {
  for (let i = 0; i < values.length; i++) values[i] = i % 101;
  return values;
}
