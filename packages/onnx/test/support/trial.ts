/** A graph under test whose inputs know what they are fed, so that it can be run at once. */
import {
  GraphBuilder,
  OnnxSession,
  type Dim,
  type DType,
  type TensorData,
  type TensorValue,
  type Value,
} from '../../src/index.ts';

/** Elements of any dtype from plain numbers. */
export function dataOf(dtype: DType, values: readonly number[]): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(values);
    case 'float64':
      return Float64Array.from(values);
    case 'uint8':
    case 'bool':
      return Uint8Array.from(values);
    case 'int8':
      return Int8Array.from(values);
    case 'uint16':
      return Uint16Array.from(values);
    case 'int32':
      return Int32Array.from(values);
    case 'uint32':
      return Uint32Array.from(values);
    case 'int64':
      return BigInt64Array.from(values, BigInt);
  }
}

/** A tensor of the given numbers, or of 1, 2, 3, ... (bool: 1, 0, 1, ...). */
export function tensor(
  dtype: DType,
  shape: readonly number[],
  values?: readonly number[],
): TensorValue {
  const size = shape.reduce((a, b) => a * b, 1);
  const ramp = Array.from({ length: size }, (_, i) => (dtype === 'bool' ? (i + 1) % 2 : i + 1));
  return { dtype, shape, data: dataOf(dtype, values ?? ramp) };
}

export function numbersOf(data: TensorData): number[] {
  const elements: ArrayLike<number | bigint> = data;
  return Array.from(elements, Number);
}

export class Trial {
  readonly g = new GraphBuilder('trial');
  readonly feeds: Record<string, TensorValue> = {};
  /** What the symbolic sizes stand for in this run. */
  readonly sizes = new Map<string, number>();

  /** An input with its data; `names` gives sizes a name in the graph. */
  feed(
    dtype: DType,
    shape: readonly number[],
    values?: readonly number[],
    names: readonly Dim[] = shape,
  ): Value {
    const name = `x${Object.keys(this.feeds).length}`;
    this.feeds[name] = tensor(dtype, shape, values);
    names.forEach((dim, i) => {
      if (typeof dim === 'string') this.sizes.set(dim, shape[i] ?? 0);
    });
    return this.g.input(name, dtype, names);
  }

  f32(shape: readonly number[], values?: readonly number[], names?: readonly Dim[]): Value {
    return this.feed('float32', shape, values, names);
  }

  int(value: number): Value {
    return this.g.constant('int64', [], BigInt64Array.of(BigInt(value)));
  }

  /** Runs the graph on one thread; results in the order of the values. */
  async run(values: readonly Value[]): Promise<TensorValue[]> {
    values.forEach((value, i) => {
      this.g.output(`y${i}`, value);
    });
    const session = await OnnxSession.create(this.g.build(), { threads: 1 });
    try {
      const results = await session.run(this.feeds);
      return values.map((_, i) => {
        const result = results[`y${i}`];
        if (!result) throw new Error(`no result y${i}`);
        return result;
      });
    } finally {
      await session.dispose();
    }
  }
}

/** One line of a table of operators. */
export interface Case {
  readonly title: string;
  readonly build: (t: Trial) => Value | readonly Value[];
  /** Expected elements of each output; those left out are not compared. */
  readonly values: readonly (readonly number[])[];
}

export function of(
  title: string,
  build: Case['build'],
  ...values: readonly (readonly number[])[]
): Case {
  return { title, build, values };
}
