/**
 * The vocabulary of the graph builder: element types, shapes, values and tensors.
 * A value is a name with a known dtype and shape; nothing here holds a computation.
 */

/** Element type of a value, named as in ONNX (lower case). */
export type DType =
  'float32' | 'float64' | 'uint8' | 'int8' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'bool';

/** One dimension: a size, or the name of a size that is known only when the graph runs. */
export type Dim = number | string;

/** An edge of the graph. */
export interface Value {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

/** What may hold the elements of a tensor of each dtype. bool is stored one byte an element. */
export interface DataOf {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly uint8: Uint8Array;
  readonly int8: Int8Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly bool: Uint8Array;
}

/** Any tensor storage. */
export type TensorData = DataOf[DType];

/** A tensor in memory: row-major elements of `shape`. */
export interface TensorValue<T extends DType = DType> {
  readonly dtype: T;
  readonly shape: readonly number[];
  readonly data: DataOf[T];
}

/** A model as onnxruntime takes it, with what is needed to feed it. */
export interface OnnxModel {
  /** Serialised `ModelProto`. */
  readonly bytes: Uint8Array;
  readonly inputs: readonly Value[];
  /** `name` is the name given to `output`. */
  readonly outputs: readonly Value[];
  /** How many nodes the graph has, by operator: what a reader of a speed note wants to count. */
  readonly operatorCounts: Readonly<Record<string, number>>;
}
