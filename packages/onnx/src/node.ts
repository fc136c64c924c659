/** One node on its way into the graph: its inputs and attributes are checked, then its outputs inferred. */
import { types } from 'node:util';
import type { ConstantRecord } from './encode.ts';
import { isObject, shown } from './checks.ts';
import { GraphError } from './errors.ts';
import type {
  AttributeKind,
  Attributes,
  AttributeValue,
  InferContext,
  Inferred,
  OperatorSpec,
} from './operators/spec.ts';
import type { Value } from './types.ts';

/** How a node is about to be used. */
export interface NodeUse {
  readonly inputs: readonly (Value | undefined)[];
  readonly attributes: Attributes;
  /** How many outputs the caller wants. */
  readonly outputs: number;
}

/** @throws GraphError saying what is wrong, without the node's name. */
export function inferOutputs(
  spec: OperatorSpec,
  use: NodeUse,
  constants: ReadonlyMap<string, ConstantRecord>,
): readonly Inferred[] {
  for (const [what, value] of Object.entries({ inputs: use.inputs, attributes: use.attributes })) {
    if (!isObject(value)) throw new GraphError(`its ${what} are ${shown(value)}`);
  }
  checkArity(spec, use.inputs);
  checkAttributes(spec, use.attributes);
  const inferred = spec.infer(inferContext(use, constants));
  if (inferred.length !== use.outputs) {
    throw new GraphError(`it has ${plural(inferred.length, 'output')}, not ${use.outputs}`);
  }
  return inferred;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

function checkArity(spec: OperatorSpec, inputs: readonly (Value | undefined)[]): void {
  const [fewest, most] = spec.arity;
  if (inputs.length < fewest || inputs.length > most) {
    const wanted =
      most === Infinity
        ? `${fewest} or more inputs`
        : most > fewest
          ? `${fewest} to ${most} inputs`
          : plural(most, 'input');
    throw new GraphError(`it takes ${wanted}, not ${inputs.length}`);
  }
  const missing = inputs.slice(0, fewest).indexOf(undefined);
  if (missing >= 0) throw new GraphError(`input ${missing} is missing`);
}

function fits(kind: AttributeKind, value: AttributeValue): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'float':
      return typeof value === 'number';
    case 'int':
      return Number.isSafeInteger(value);
    case 'ints':
      return Array.isArray(value) && value.every(Number.isSafeInteger);
  }
}

function checkAttributes(spec: OperatorSpec, attributes: Attributes): void {
  for (const [key, value] of Object.entries(attributes)) {
    const kind = Object.hasOwn(spec.attributes, key) ? spec.attributes[key] : undefined;
    if (kind === undefined) throw new GraphError(`it has no attribute "${key}"`);
    if (value !== undefined && !fits(kind, value)) {
      throw new GraphError(`its attribute "${key}" must be ${kind}, not ${shown(value)}`);
    }
  }
}

function inferContext(
  { inputs, attributes, outputs }: NodeUse,
  constants: ReadonlyMap<string, ConstantRecord>,
): InferContext {
  const attributeOr = <T extends AttributeValue>(
    name: string,
    is: (value: AttributeValue | undefined) => value is T,
    fallback: T | undefined,
  ): T => {
    const value = attributes[name];
    if (is(value)) return value;
    if (fallback === undefined) throw new GraphError(`it needs the attribute ${name}`);
    return fallback;
  };
  return {
    inputs,
    outputs,
    input(index) {
      const value = inputs[index];
      if (!value) throw new GraphError(`input ${index} is missing`);
      return value;
    },
    constantInts(index, what) {
      const data = constants.get(inputs[index]?.name ?? '')?.data;
      if (types.isBigInt64Array(data)) return Array.from(data, Number);
      throw new GraphError(`its ${what} (input ${index}) must be an int64 constant of the graph`);
    },
    int: (name, fallback) => attributeOr(name, (value) => typeof value === 'number', fallback),
    string: (name, fallback) => attributeOr(name, (value) => typeof value === 'string', fallback),
    ints(name) {
      const value = attributes[name];
      return typeof value === 'object' ? value : undefined;
    },
  };
}
