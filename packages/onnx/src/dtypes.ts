/**
 * Element types: their numbers in the file format, their storage in memory, and the groups that the operator
 * tables speak of ("T: tensor(float), tensor(double), ..." in the specification, less what JavaScript cannot hold).
 */
import { types } from 'node:util';
import type { DataOf, DType, TensorData } from './types.ts';

/** ONNX TensorProto.DataType of the dtypes in use. */
export const dataTypeNumber: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
  uint32: 12,
};

/** What is used of the arrays' constructors: a copy, or a view of memory. */
interface Storage<T> {
  new (data: TensorData): T;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

const storage: { readonly [T in DType]: Storage<DataOf[T]> } = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
};

export function isDType(name: unknown): name is DType {
  return typeof name === 'string' && Object.hasOwn(dataTypeNumber, name);
}

export const dtypes: readonly DType[] = Object.keys(dataTypeNumber).filter(isDType);

/** Whether this is an array that tensors of this dtype are kept in, of whatever realm (Jest and `vm` have their own classes). */
export function isStorageOf<T extends DType>(data: unknown, dtype: T): data is DataOf[T] {
  return (
    ArrayBuffer.isView(data) &&
    Object.prototype.toString.call(data) === `[object ${storage[dtype].name}]`
  );
}

/** The array as the binding takes it: of this realm, in memory that is not shared. */
export function nativeStorage(data: TensorData, dtype: DType): TensorData {
  const own = storage[dtype];
  if (types.isSharedArrayBuffer(data.buffer)) return new own(data);
  return data instanceof own ? data : new own(data.buffer, data.byteOffset, data.length);
}

export const floating: readonly DType[] = ['float32', 'float64'];
export const logical: readonly DType[] = ['bool'];
export const indices: readonly DType[] = ['int32', 'int64'];
export const unsigned: readonly DType[] = ['uint8', 'uint16', 'uint32'];
export const integer: readonly DType[] = [...unsigned, 'int8', ...indices];
export const signed: readonly DType[] = [...floating, 'int8', ...indices];
/** 32 bits and more. */
export const wide: readonly DType[] = [...floating, 'uint32', ...indices];
/** All but bool. */
export const numeric: readonly DType[] = [...floating, ...integer];
