/** Attributes of operations, as values that say what they are. */
import type { NativeAttribute, NativeBinding } from './native.ts';

/** Element types that an attribute can name. */
export type AttributeType = 'float32' | 'int32' | 'int64' | 'uint8' | 'bool';

export type Attribute =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'int'; readonly value: number | readonly number[] }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'type'; readonly value: AttributeType }
  | { readonly kind: 'shape'; readonly value: readonly number[] };

export const attribute = {
  string: (value: string): Attribute => ({ kind: 'string', value }),
  int: (value: number): Attribute => ({ kind: 'int', value }),
  ints: (value: readonly number[]): Attribute => ({ kind: 'int', value }),
  float: (value: number): Attribute => ({ kind: 'float', value }),
  bool: (value: boolean): Attribute => ({ kind: 'bool', value }),
  type: (value: AttributeType): Attribute => ({ kind: 'type', value }),
  shape: (value: readonly number[]): Attribute => ({ kind: 'shape', value }),
} as const;

export function nativeAttributes(
  native: NativeBinding,
  attributes: Readonly<Record<string, Attribute>>,
): readonly NativeAttribute[] {
  const kinds = {
    string: native.TF_ATTR_STRING,
    int: native.TF_ATTR_INT,
    float: native.TF_ATTR_FLOAT,
    bool: native.TF_ATTR_BOOL,
    type: native.TF_ATTR_TYPE,
    shape: native.TF_ATTR_SHAPE,
  };
  const types = {
    float32: native.TF_FLOAT,
    int32: native.TF_INT32,
    int64: native.TF_INT64,
    uint8: native.TF_UINT8,
    bool: native.TF_BOOL,
  };
  return Object.entries(attributes).map(([name, { kind, value }]) => ({
    name,
    type: kinds[kind],
    value: kind === 'type' ? types[value] : value,
  }));
}
