/**
 * How an operator is described: arity, attributes, and what it makes of its inputs.
 * The tables in this folder carry ONNX's own names, so that specification and code are found by one search.
 */
import { dtypes } from '../dtypes.ts';
import { GraphError } from '../errors.ts';
import type { Dim, DType, Value } from '../types.ts';

/** Attribute types in use, and the TypeScript type of each. */
export interface AttributeTypes {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
}
export type AttributeKind = keyof AttributeTypes;
export type AttributeValue = AttributeTypes[AttributeKind];
export type AttributeTable = Readonly<Record<string, AttributeKind>>;
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

/** What an operator's inference sees. */
export interface InferContext {
  /** Inputs in order; an optional one that was left out is undefined. */
  readonly inputs: readonly (Value | undefined)[];
  /** How many outputs the caller wants. */
  readonly outputs: number;
  /** Input i. @throws GraphError where it was left out. */
  input(index: number): Value;
  /** Elements of input i, an int64 constant. @throws GraphError where the graph computes it. */
  constantInts(index: number, what: string): readonly number[];
  /** An attribute, or the operator's default. @throws GraphError where it is left out and has no default. */
  int(name: string, fallback?: number): number;
  ints(name: string): readonly number[] | undefined;
  string(name: string, fallback?: string): string;
}

export interface Inferred {
  readonly dtype: DType;
  readonly shape: readonly Dim[];
}

export interface OperatorSpec<A extends AttributeTable = AttributeTable> {
  /** Empty for ONNX's own operators. */
  readonly domain: '' | 'com.microsoft' | 'com.microsoft.nchwc';
  /** Name in the file, where the table's key differs (two domains may share a name). */
  readonly opType?: string;
  /** Fewest and most inputs. */
  readonly arity: readonly [number, number];
  readonly attributes: A;
  readonly infer: (context: InferContext) => readonly Inferred[];
}

/** A spec of ONNX's own domain; exists so that the attribute table keeps its literal type. */
export function operator<const A extends AttributeTable>(
  arity: readonly [number, number],
  attributes: A,
  infer: (context: InferContext) => readonly Inferred[],
): OperatorSpec<A> {
  return { domain: '', arity, attributes, infer };
}

/** @throws GraphError unless all given inputs have one dtype, and one of those allowed. */
export function sameDType(context: InferContext, allowed: readonly DType[] = dtypes): DType {
  const { dtype } = context.input(0);
  const found = new Set(context.inputs.flatMap((value) => (value ? [value.dtype] : [])));
  if (found.size !== 1) {
    throw new GraphError(`its inputs must have one dtype, not ${[...found].join(' and ')}`);
  }
  checkDType(context, 0, allowed);
  return dtype;
}

/** @throws GraphError unless an input, if given, has one of these dtypes. */
export function checkDType(context: InferContext, index: number, allowed: readonly DType[]): void {
  const value = context.inputs[index];
  if (value && !allowed.includes(value.dtype)) {
    throw new GraphError(`input ${index} must be ${allowed.join(' or ')}, not ${value.dtype}`);
  }
}
