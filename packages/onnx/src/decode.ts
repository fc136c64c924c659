/**
 * From the bytes of an ONNX file that nobody vouches for back to a model that the builder has made. The file is not
 * handed on: its nodes are replayed through `GraphBuilder`, which infers every dtype and shape anew, and what
 * onnxruntime is given are the builder's own bytes. What a caller does not name (operators, attributes) and what the
 * format allows besides (external data, functions, subgraphs, other opsets) is refused.
 */
import { types } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { isObject, shown } from './checks.ts';
import { tensorOf } from './decode-tensor.ts';
import { dataTypeNumber, dtypes } from './dtypes.ts';
import { OPSET_VERSION } from './encode.ts';
import { GraphError } from './errors.ts';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type ValueInfoProto,
} from './generated/onnx_pb.ts';
import { GraphBuilder } from './graph.ts';
import { isOperatorName, type OperatorName } from './operators/table.ts';
import { scan, type ScanLimits } from './scan.ts';
import { formatShape, sameShape } from './shapes.ts';
import type { Dim, OnnxModel, Value } from './types.ts';
import { workOf } from './work.ts';

export interface DecodeLimits {
  /** Operators that may occur, each with the attributes that it may have. */
  readonly operators: Readonly<Partial<Record<OperatorName, readonly string[]>>>;
  readonly nodes: number;
  /** Elements of all values together, constants left out, where names of sizes count as 1. */
  readonly elements: number;
  /** What the file may hold before it is decoded. */
  readonly size: ScanLimits;
  /** Multiplications and comparisons of all nodes together, where names of sizes count as 1. */
  readonly work: number;
}

export interface DecodedModel {
  readonly model: OnnxModel;
  readonly metadata: ReadonlyMap<string, string>;
}

/** @throws GraphError with half a sentence on what is wrong with the file. */
export function decodeModel(bytes: Uint8Array, limits: DecodeLimits): DecodedModel {
  if (!types.isUint8Array(bytes))
    throw new GraphError(`its bytes must be a Uint8Array, not ${shown(bytes)}`);
  checkLimits(limits);
  const { proto, graph } = graphOf(bytes, limits.size);

  const g = new GraphBuilder(graph.name);
  const values = replay(g, graph, limits);
  const metadata = new Map(proto.metadataProps.map(({ key, value }) => [key, value]));
  for (const [key, value] of metadata) g.metadata(key, value);
  for (const info of graph.output) {
    const value = values.get(info.name);
    if (!value) throw new GraphError(`the output "${info.name}" is computed by no node`);
    const declared = valueInfo(info);
    if (declared.dtype !== value.dtype || !sameShape(declared.shape, value.shape)) {
      throw new GraphError(
        `the output "${info.name}" is declared as ${formatShape(declared.shape)}, but its nodes give ${value.dtype}${formatShape(value.shape)}`,
      );
    }
    g.output(info.name, value);
  }
  return { model: g.build(), metadata };
}

function checkLimits(limits: unknown): void {
  const { operators, size, ...counts } = isObject(limits) ? limits : {};
  const { fields, rawBytes } = isObject(size) ? size : {};
  const sizes = [counts['nodes'], counts['elements'], counts['work'], fields, rawBytes];
  if (isObject(operators) && sizes.every((size) => typeof size === 'number' && size >= 0)) return;
  throw new GraphError(
    `the limits must be { operators, nodes, elements, work, size: { fields, rawBytes } }, not ${shown(limits)}`,
  );
}

function graphOf(bytes: Uint8Array, limits: ScanLimits): { proto: ModelProto; graph: GraphProto } {
  let proto: ModelProto;
  try {
    scan(bytes, ModelProtoSchema, limits);
    proto = fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof GraphError) throw error;
    throw new GraphError('its bytes are no ONNX model', { cause: error });
  }
  const { graph, opsetImport, functions, trainingInfo } = proto;
  if (!graph) throw new GraphError('its bytes are no ONNX model');
  const foreign = opsetImport.find(({ domain }) => domain !== '' && domain !== 'ai.onnx');
  if (foreign) throw new GraphError(`it needs operators of the domain "${foreign.domain}"`);
  const opset = opsetImport[0]?.version;
  if (opsetImport.length !== 1 || opset !== BigInt(OPSET_VERSION)) {
    throw new GraphError(`it is of opset ${opset ?? 'none'}; only ${OPSET_VERSION} is read here`);
  }
  const more = functions.length + trainingInfo.length;
  if (more + graph.sparseInitializer.length + graph.quantizationAnnotation.length > 0) {
    throw new GraphError('it has functions, training steps, sparse or quantized tensors');
  }
  return { proto, graph };
}

/** Adds everything but the outputs. Gives the values under the names that they have in the file. */
function replay(g: GraphBuilder, graph: GraphProto, limits: DecodeLimits): Map<string, Value> {
  if (graph.node.length > limits.nodes) {
    throw new GraphError(`it has ${graph.node.length} nodes; up to ${limits.nodes} are read here`);
  }
  const values = new Map<string, Value>();
  let elements = 0;
  const add = (name: string, make: () => Value, isConstant = false): void => {
    if (name === '' || values.has(name)) {
      throw new GraphError(`the name "${name}" is empty or given twice`);
    }
    const value = make();
    const count = countOf(value);
    elements += isConstant ? 0 : count;
    if (!(count >= 1 && elements <= limits.elements)) {
      throw new GraphError(
        `a value of the shape ${formatShape(value.shape)} is empty or too large`,
      );
    }
    values.set(name, value);
  };
  // Names of the file stay in the file, but for those of inputs and outputs: the builder makes its own.
  for (const info of graph.input) {
    const { dtype, shape } = valueInfo(info);
    add(info.name, () => g.input(info.name, dtype, shape));
  }
  for (const proto of graph.initializer) {
    const { dtype, shape, data } = tensorOf(proto);
    add(proto.name, () => g.constant(dtype, shape, data), true);
  }
  let work = 0;
  for (const node of graph.node) {
    const [output, another] = node.output;
    if (output === undefined || another !== undefined) {
      throw new GraphError(`the node "${node.name}" has not one output`);
    }
    const { name, attributes } = operatorOf(node, limits);
    const inputs = node.input.map((input) => {
      const value = values.get(input);
      if (value || input === '') return value;
      throw new GraphError(
        `the node "${node.name}" takes "${input}", which nothing before it gives`,
      );
    });
    add(output, () => g.op(name, inputs, attributes));
    work += workOf(inputs, attributes, values.get(output)?.shape ?? []);
    if (!(work <= limits.work))
      throw new GraphError('it takes more arithmetic than is allowed here');
  }
  return values;
}

function countOf({ shape }: Value): number {
  return shape.reduce<number>((n, dim) => n * (typeof dim === 'number' ? dim : 1), 1);
}

function valueInfo({ name, type }: ValueInfoProto): { dtype: Value['dtype']; shape: Dim[] } {
  const tensor = type?.value.case === 'tensorType' ? type.value.value : undefined;
  const dtype = dtypes.find((known) => dataTypeNumber[known] === tensor?.elemType);
  if (!tensor?.shape || !dtype) throw new GraphError(`"${name}" is declared as no tensor`);
  const shape = tensor.shape.dim.map(({ value }): Dim => {
    if (value.case === 'dimParam') return value.value;
    if (value.case === 'dimValue') return Number(value.value);
    throw new GraphError(`"${name}" has an axis without a size or a name`);
  });
  return { dtype, shape };
}

type ReadAttributes = Readonly<Record<string, number | readonly number[]>>;

function operatorOf(
  node: NodeProto,
  { operators }: DecodeLimits,
): { name: OperatorName; attributes: ReadAttributes } {
  const { opType } = node;
  const known = isOperatorName(opType) ? operators[opType] : undefined;
  if (!isOperatorName(opType) || !known || (node.domain !== '' && node.domain !== 'ai.onnx')) {
    throw new GraphError(`it has a node of the kind "${opType}", which is not read here`);
  }
  const attributes: Record<string, number | readonly number[]> = {};
  for (const attribute of node.attribute) {
    const { name } = attribute;
    if (!known.includes(name) || Object.hasOwn(attributes, name)) {
      throw new GraphError(`a node ${opType} has the attribute "${name}", which is not read here`);
    }
    attributes[name] = numbersOf(attribute);
  }
  return { name: opType, attributes };
}

function numbersOf({ name, type, f, i, ints }: AttributeProto): number | readonly number[] {
  if (type === AttributeProto_AttributeType.INT) return Number(i);
  if (type === AttributeProto_AttributeType.INTS) return ints.map(Number);
  if (type === AttributeProto_AttributeType.FLOAT && Number.isFinite(f)) return f;
  throw new GraphError(`the attribute "${name}" is no number, nor a list of whole ones`);
}
