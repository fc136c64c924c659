/** All operators the builder knows, by name. A new one is a line in the table of its family. */
import { elementwiseOperators } from './elementwise.ts';
import { nchwcOperators } from './nchwc.ts';
import { nnOperators } from './nn.ts';
import { productOperators } from './products.ts';
import { reductionOperators } from './reduction.ts';
import { reshapingOperators } from './reshaping.ts';
import { selectionOperators } from './selection.ts';
import type { AttributeTypes, OperatorSpec } from './spec.ts';

export const operators = {
  ...elementwiseOperators,
  ...productOperators,
  ...reshapingOperators,
  ...selectionOperators,
  ...reductionOperators,
  ...nnOperators,
  ...nchwcOperators,
} as const;

/** ONNX's operator names (and `Nchwc…` for onnxruntime's blocked operators). */
export type OperatorName = keyof typeof operators;

/** The attributes an operator accepts, under ONNX's own names. */
export type AttributesOf<K extends OperatorName> = {
  readonly [
    A in keyof (typeof operators)[K]['attributes']
  ]?: (typeof operators)[K]['attributes'][A] extends keyof AttributeTypes
    ? AttributeTypes[(typeof operators)[K]['attributes'][A]]
    : never;
};

export function operatorSpec(name: OperatorName): OperatorSpec {
  return operators[name];
}

/** Whether the builder knows an operator of this name. */
export function isOperatorName(name: unknown): name is OperatorName {
  return typeof name === 'string' && Object.hasOwn(operators, name);
}
