/**
 * The graph builder: values in, values out, every node checked when it is added.
 *
 * It is not an optimiser and has no control flow. Names, attributes and semantics are ONNX's own
 * (opset 21, https://onnx.ai/onnx/operators/); dtypes and shapes are inferred here, so that a mistake is
 * reported at the line that made it and not as onnxruntime's message about a node without a line.
 */
import { isName, isObject, shown } from './checks.ts';
import { dataTypeNumber, dtypes, isDType, isStorageOf } from './dtypes.ts';
import { encodeModel, type ConstantRecord, type NodeRecord } from './encode.ts';
import { GraphError } from './errors.ts';
import { inferOutputs, type NodeUse } from './node.ts';
import {
  isOperatorName,
  operatorSpec,
  type AttributesOf,
  type OperatorName,
} from './operators/table.ts';
import { nodesWithOutputNames } from './output-names.ts';
import { checkShape, elementCount, formatShape } from './shapes.ts';
import type { DataOf, Dim, DType, OnnxModel, Value } from './types.ts';

export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: NodeRecord[] = [];
  readonly #constants = new Map<string, ConstantRecord>();
  readonly #inputs: Value[] = [];
  readonly #outputs = new Map<string, Value>();
  /** Every value by name: what may be used, and what names are taken. */
  readonly #values = new Map<string, Value>();
  readonly #metadata = new Map<string, string>();
  #counter = 0;

  /** @param name shown by viewers and in onnxruntime's messages. */
  constructor(name: string) {
    if (typeof name !== 'string')
      throw new GraphError(`a graph's name is a text, not ${shown(name)}`);
    this.#name = name;
  }

  /** A value that is fed at each run. @throws GraphError where the name is taken or a size is no size. */
  input(name: string, dtype: DType, shape: readonly Dim[]): Value {
    checkNamed(`input ${quoted(name)}`, () => {
      checkShape(shape);
    });
    const value = this.#register({ name, dtype, shape: [...shape] });
    this.#inputs.push(value);
    return value;
  }

  /**
   * A tensor that is part of the model (an initializer). The data is not copied until `build`.
   * @throws GraphError where data and shape differ in size, or the storage does not fit the dtype.
   */
  constant<T extends DType>(
    dtype: T,
    shape: readonly number[],
    data: DataOf[T],
    name: string = this.#freshName('const'),
  ): Value {
    checkNamed(`constant ${quoted(name)}`, () => {
      checkShape(shape);
      if (!ArrayBuffer.isView(data) || !isDType(dtype)) {
        throw new GraphError(`${shown(data)} is no typed array of ${shown(dtype)}`);
      }
      if (!isStorageOf(data, dtype) || data.length !== elementCount(shape)) {
        throw new GraphError(
          `${data.length} elements of ${data.constructor.name} do not make ${dtype} ${formatShape(shape)}`,
        );
      }
    });
    const value = this.#register({ name, dtype, shape: [...shape] });
    this.#constants.set(name, { value, data });
    return value;
  }

  /** A constant of rank 0. @throws GraphError where an integer dtype cannot hold the number. */
  scalar(x: number, dtype: 'float32' | 'int32' | 'uint8' = 'float32'): Value {
    const arrays = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };
    if (!isDType(dtype) || !Object.hasOwn(arrays, dtype) || typeof x !== 'number') {
      throw new GraphError(
        `a scalar is a number of ${Object.keys(arrays).join(', ')}, not ${shown(x)} of ${shown(dtype)}`,
      );
    }
    const data = arrays[dtype].of(x);
    if (dtype !== 'float32' && data[0] !== x) throw new GraphError(`${x} is no ${dtype}`);
    return this.constant(dtype, [], data);
  }

  /** A rank-1 int64 constant: what axes, shapes, starts, ends and pads are. @throws GraphError at fractions. */
  ints(values: readonly number[]): Value {
    if (!Array.isArray(values))
      throw new GraphError(`a list of whole numbers is wanted, not ${shown(values)}`);
    if (!values.every(Number.isSafeInteger)) {
      throw new GraphError(`[${values.map(shown).join(', ')}] are not all whole numbers`);
    }
    return this.constant('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** Adds a node with one output. @throws GraphError naming the node and what is wrong with it. */
  op<K extends OperatorName>(
    name: K,
    inputs: readonly (Value | undefined)[],
    attributes?: AttributesOf<K>,
  ): Value {
    const [value] = this.#add(name, { inputs, attributes: attributes ?? {}, outputs: 1 });
    if (!value) throw new GraphError(`${name}: it has no output`);
    return value;
  }

  /** Adds a node and returns all its outputs (`count` of them, where the operator lets the caller choose). */
  ops<K extends OperatorName>(
    name: K,
    inputs: readonly (Value | undefined)[],
    attributes: AttributesOf<K>,
    count: number,
  ): readonly Value[] {
    return this.#add(name, { inputs, attributes, outputs: count });
  }

  /** Cast with the dtype by name. */
  cast(value: Value, dtype: DType): Value {
    if (!isDType(dtype)) throw new GraphError(`there is no dtype ${shown(dtype)}`);
    return this.#owns(value) && value.dtype === dtype
      ? value
      : this.op('Cast', [value], { to: dataTypeNumber[dtype] });
  }

  /** Reshape to sizes that are known now; one of them may be -1. */
  reshape(value: Value, shape: readonly number[]): Value {
    return this.op('Reshape', [value, this.ints(shape)]);
  }

  transpose(value: Value, perm: readonly number[]): Value {
    if (!Array.isArray(perm)) throw new GraphError(`a list of axes is wanted, not ${shown(perm)}`);
    return this.op('Transpose', [value], { perm });
  }

  /** Elements `start` up to `end` of one axis. Negative positions count from the end. */
  slice(value: Value, axis: number, start: number, end: number, step = 1): Value {
    const [starts, ends] = [this.ints([start]), this.ints([end])];
    return this.op('Slice', [value, starts, ends, this.ints([axis]), this.ints([step])]);
  }

  /** Sum over axes (none given: over all); they are dropped unless `keepdims`. */
  reduceSum(value: Value, axes: readonly number[], keepdims = false): Value {
    if (typeof keepdims !== 'boolean')
      throw new GraphError(`keepdims is true or false, not ${shown(keepdims)}`);
    return this.op('ReduceSum', [value, this.ints(axes)], { keepdims: keepdims ? 1 : 0 });
  }

  /**
   * Gives a value of the graph to the caller under a name of its own.
   * @throws GraphError where the name is taken or the value is another graph's.
   */
  output(name: string, value: Value): void {
    if (this.#outputs.has(name)) throw new GraphError(`output "${name}" exists already`);
    if (!this.#owns(value)) {
      throw new GraphError(`output "${name}": ${nameOf(value)} does not belong to this graph`);
    }
    if (name !== value.name) this.#register({ ...value, name });
    this.#outputs.set(name, value);
  }

  /** A key and value stored with the model (ONNX `metadata_props`). */
  metadata(key: string, value: string): void {
    if (!isName(key) || typeof value !== 'string') {
      throw new GraphError(`metadata are a key and a text, not ${shown(key)} and ${shown(value)}`);
    }
    this.#metadata.set(key, value);
  }

  /** Serialises the graph. @throws GraphError where it has no output. */
  build(): OnnxModel {
    if (this.#outputs.size === 0) throw new GraphError(`graph "${this.#name}" has no output`);
    const operatorCounts: Record<string, number> = {};
    for (const { opType } of this.#nodes)
      operatorCounts[opType] = (operatorCounts[opType] ?? 0) + 1;
    const outputs = Array.from(this.#outputs, ([name, value]) => ({ ...value, name }));
    const bytes = encodeModel({
      name: this.#name,
      nodes: nodesWithOutputNames(this.#nodes, this.#outputs),
      constants: [...this.#constants.values()],
      inputs: this.#inputs,
      outputs,
      metadata: this.#metadata,
    });
    return { bytes, inputs: [...this.#inputs], outputs, operatorCounts };
  }

  #owns(value: unknown): boolean {
    return isValue(value) && this.#values.get(value.name) === value;
  }

  /** A name that nothing has yet, the caller's inputs and outputs included. */
  #freshName(prefix: string): string {
    let name: string;
    do name = `${prefix}_${this.#counter++}`;
    while (this.#values.has(name));
    return name;
  }

  #register(value: Value): Value {
    if (!isName(value.name)) throw new GraphError('an input, constant or output needs a name');
    if (!isDType(value.dtype))
      throw new GraphError(
        `"${value.name}": there is no dtype ${shown(value.dtype)}; there are ${dtypes.join(', ')}`,
      );
    if (this.#values.has(value.name)) throw new GraphError(`the name "${value.name}" is taken`);
    this.#values.set(value.name, value);
    return value;
  }

  #add(name: string, use: NodeUse): Value[] {
    if (!isOperatorName(name)) throw new GraphError(`there is no operator ${quoted(name)}`);
    const nodeName = this.#freshName(name);
    const { inputs, attributes, outputs } = use;
    return checkNamed(`node ${nodeName} (${portsOf(inputs)})`, () => {
      const spec = operatorSpec(name);
      for (const value of inputs) {
        if (value && !this.#owns(value)) {
          throw new GraphError(`${nameOf(value)} does not belong to this graph`);
        }
      }
      const values = inferOutputs(spec, use, this.#constants).map(({ dtype, shape }, i) =>
        this.#register({ name: outputs === 1 ? nodeName : `${nodeName}:${i}`, dtype, shape }),
      );
      this.#nodes.push({
        spec,
        opType: spec.opType ?? name,
        name: nodeName,
        inputs: inputs.map((value) => value?.name ?? ''),
        outputs: values.map((value) => value.name),
        attributes,
      });
      return values;
    });
  }
}

function quoted(name: unknown): string {
  return isName(name) ? `"${name}"` : shown(name);
}

/** The inputs of a node in words. */
function portsOf(inputs: unknown): string {
  if (!Array.isArray(inputs))
    throw new GraphError(`the inputs of a node must be a list, not ${shown(inputs)}`);
  return inputs
    .map((v: unknown) => (isValue(v) ? `${v.dtype}${formatShape(v.shape)}` : 'none'))
    .join(', ');
}

function isValue(value: unknown): value is Value {
  return isObject(value) && isName(value['name']) && Array.isArray(value['shape']);
}

function nameOf(value: unknown): string {
  return isValue(value) ? `"${value.name}"` : shown(value);
}

/** Runs a check; its complaint is prefixed with what it is about. */
function checkNamed<T>(about: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    throw new GraphError(`${about}: ${error.message}`, { cause: error });
  }
}
