/**
 * From the builder's records to the bytes of an ONNX `ModelProto`.
 * The message classes in generated/ come from ONNX's own onnx.proto through protobuf-es.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { dataTypeNumber } from './dtypes.ts';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import type { Attributes, AttributeValue, OperatorSpec } from './operators/spec.ts';
import type { TensorData, Value } from './types.ts';

/** opset 21 / IR 10: the newest that onnxruntime 1.20 and later read, and the newest their users can be expected to have. */
export const OPSET_VERSION = 21;
export const IR_VERSION = 10;

export interface NodeRecord {
  readonly spec: OperatorSpec;
  readonly opType: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface ConstantRecord {
  readonly value: Value;
  readonly data: TensorData;
}

export interface ModelRecord {
  readonly name: string;
  readonly nodes: readonly NodeRecord[];
  readonly constants: readonly ConstantRecord[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly metadata: ReadonlyMap<string, string>;
}

function encodeAttribute(
  name: string,
  kind: string | undefined,
  value: AttributeValue,
): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: type.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  if (typeof value === 'object') {
    return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
  }
  return kind === 'int'
    ? create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: type.FLOAT, f: value });
}

function encodeValueInfo({ name, dtype, shape }: Value): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: { case: 'tensorType', value: { elemType: dataTypeNumber[dtype], shape: { dim } } },
    },
  });
}

export function encodeModel(model: ModelRecord): Uint8Array {
  const domains = new Set(['', ...model.nodes.map((node) => node.spec.domain)]);
  const proto = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    producerName: 'fashion-bench',
    opsetImport: [...domains].map((domain) => ({
      domain,
      version: BigInt(domain === '' ? OPSET_VERSION : 1),
    })),
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name: model.name,
      node: model.nodes.map((node) =>
        create(NodeProtoSchema, {
          name: node.name,
          opType: node.opType,
          domain: node.spec.domain,
          input: [...node.inputs],
          output: [...node.outputs],
          attribute: Object.entries(node.attributes).flatMap(([name, value]) =>
            value === undefined ? [] : [encodeAttribute(name, node.spec.attributes[name], value)],
          ),
        }),
      ),
      initializer: model.constants.map(({ value, data }) =>
        create(TensorProtoSchema, {
          name: value.name,
          dataType: dataTypeNumber[value.dtype],
          dims: value.shape.map((size) => BigInt(size)),
          // Little-endian bytes, as every platform that onnxruntime-node ships for has them in memory.
          rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        }),
      ),
      input: model.inputs.map(encodeValueInfo),
      output: model.outputs.map(encodeValueInfo),
    }),
  });
  return toBinary(ModelProtoSchema, proto);
}
