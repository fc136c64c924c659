/** A tensor of an ONNX file: float32 or int64 inside the file, of the size it declares, every number finite. */
import { dataTypeNumber } from './dtypes.ts';
import { GraphError } from './errors.ts';
import { TensorProto_DataLocation, type TensorProto } from './generated/onnx_pb.ts';
import { checkShape, elementCount, formatShape } from './shapes.ts';
import type { TensorValue } from './types.ts';

/** @throws GraphError with half a sentence. */
export function tensorOf(proto: TensorProto): TensorValue<'float32'> | TensorValue<'int64'> {
  const { name, dataType, rawData, dataLocation, externalData } = proto;
  const shape = proto.dims.map(Number);
  checkShape(shape);
  const bytes = dataType === dataTypeNumber.float32 ? 4 : 8;
  if (bytes === 8 && dataType !== dataTypeNumber.int64) {
    throw new GraphError(`the tensor "${name}" is neither float32 nor int64`);
  }
  if (dataLocation !== TensorProto_DataLocation.DEFAULT || externalData.length > 0) {
    throw new GraphError(`the tensor "${name}" lies outside the file`);
  }
  if (rawData.length !== bytes * elementCount(shape)) {
    throw new GraphError(
      `the tensor "${name}" of the shape ${formatShape(shape)} has ${rawData.length} bytes of data`,
    );
  }
  // A copy that begins where its elements may begin; little-endian, as every platform of onnxruntime-node has it.
  const { buffer } = new Uint8Array(rawData);
  if (bytes === 8) return { dtype: 'int64', shape, data: new BigInt64Array(buffer) };
  const data = new Float32Array(buffer);
  const wrong = data.find((x) => !Number.isFinite(x));
  if (wrong !== undefined) throw new GraphError(`the tensor "${name}" has ${wrong} in it`);
  return { dtype: 'float32', shape, data };
}
