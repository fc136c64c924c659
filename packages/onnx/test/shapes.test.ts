/** Shape arithmetic against slow and obvious versions of itself, and against onnxruntime on random shapes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphError, type Value } from '../src/index.ts';
import { broadcastShapes, matMulShape, sameShape } from '../src/shapes.ts';
import { numbersOf, Trial } from './support/trial.ts';

/** The same cases each time. */
const seed = 20170828;
const pure = { seed, numRuns: 500 };
/** Each one is a session of its own. */
const native = { seed, numRuns: 40 };

const size = fc.integer({ min: 0, max: 4 });
const shape = (most: number): fc.Arbitrary<number[]> => fc.array(size, { maxLength: most });

/** Pads with ones in front, then looks at one axis at a time. */
function broadcastSlowly(shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(...shapes.map((s) => s.length));
  const padded = shapes.map((s) => [...new Array<number>(rank - s.length).fill(1), ...s]);
  const axes = Array.from({ length: rank }, (_, axis) => {
    const others = new Set(padded.map((s) => s[axis] ?? 1).filter((dim) => dim !== 1));
    return others.size > 1 ? undefined : ([...others][0] ?? 1);
  });
  return axes.includes(undefined) ? undefined : axes.map(Number);
}

/** The result, or undefined where it is refused. */
function orRefused<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (error instanceof GraphError) return undefined;
    throw error;
  }
}

/** Two to three shapes, most of which broadcast: one shape with axes set to 1 or left out in front. */
const related = shape(4).chain((base) =>
  fc.array(
    fc
      .tuple(fc.nat(base.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
      .map(([from, ones]) => base.map((dim, i) => (ones[i] === true ? 1 : dim)).slice(from)),
    { minLength: 2, maxLength: 3 },
  ),
);

describe('broadcasting', () => {
  it('is what looking at each axis says', () => {
    fc.assert(
      fc.property(
        fc.oneof(related, fc.array(shape(3), { minLength: 2, maxLength: 3 })),
        (shapes) => {
          expect(orRefused(() => broadcastShapes(...shapes))).toEqual(broadcastSlowly(shapes));
        },
      ),
      pure,
    );
  });

  it('does not depend on the order', () => {
    fc.assert(
      fc.property(related, (shapes) => {
        expect(broadcastShapes(...shapes.toReversed())).toEqual(broadcastShapes(...shapes));
      }),
      pure,
    );
  });

  it('is what onnxruntime returns', async () => {
    await fc.assert(
      fc.asyncProperty(related, async (shapes) => {
        const t = new Trial();
        const y = t.g.op(
          'Max',
          shapes.map((s) => t.f32(s)),
        );
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(y.shape);
      }),
      native,
    );
  });
});

describe('matrix products', () => {
  // Not 0 where onnxruntime is asked: its MatMul broadcasts batches of empty matrices against the specification.
  const some = (dim: number): number => (dim === 0 ? 4 : dim);
  const batches = related.map((shapes) => {
    const [a = [], b = []] = shapes.map((s) => s.slice(-2).map(some));
    return [a, b] as const;
  });
  const inner = fc.tuple(size, size, size);

  it('have the shape that onnxruntime returns', async () => {
    await fc.assert(
      fc.asyncProperty(batches, inner, async ([left, right], sizes) => {
        const [m = 1, k = 1, n = 1] = sizes.map(some);
        const t = new Trial();
        const y = t.g.op('MatMul', [t.f32([...left, m, k]), t.f32([...right, k, n])]);
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(y.shape);
        expect(y.shape).toEqual([...(broadcastSlowly([left, right]) ?? []), m, n]);
      }),
      native,
    );
  });

  it('are refused where the inner sizes or the batches differ, and only there', () => {
    fc.assert(
      fc.property(shape(3), shape(3), inner, size, (left, right, [m, k, n], other) => {
        const product = orRefused(() => matMulShape([...left, m, k], [...right, other, n]));
        const batch = broadcastSlowly([left, right]);
        expect(product).toEqual(batch && k === other ? [...batch, m, n] : undefined);
      }),
      pure,
    );
  });
});

describe('windows', () => {
  const small = fc.integer({ min: 1, max: 3 });
  const window = fc
    .record({ n: fc.integer({ min: 1, max: 9 }), kernel: small, stride: small, dilation: small })
    .chain((w) =>
      fc.tuple(fc.constant(w), fc.nat(w.kernel - 1), fc.nat(w.kernel - 1), fc.boolean()),
    );

  /** Lays windows one by one; with `ceil`, as long as one begins before the end's padding. */
  function countSlowly(
    padded: number,
    extent: number,
    stride: number,
    ceil: boolean,
    end: number,
  ): number {
    if (extent > padded) return 0;
    let count = 0;
    for (let at = 0; at < padded - (ceil ? end : 0); at += stride) {
      if (at + extent <= padded) count++;
      else if (ceil && at - stride + extent < padded) return count + 1;
    }
    return count;
  }

  it('are as many as can be laid, and as many as onnxruntime lays', async () => {
    await fc.assert(
      fc.asyncProperty(window, async ([{ n, kernel, stride, dilation }, begin, end, ceil]) => {
        const t = new Trial();
        const extent = (kernel - 1) * dilation + 1;
        const counted = countSlowly(n + begin + end, extent, stride, ceil, end);
        const y = orRefused(() =>
          t.g.op('MaxPool', [t.f32([1, 1, n])], {
            kernel_shape: [kernel],
            strides: [stride],
            dilations: [dilation],
            pads: [begin, end],
            ceil_mode: ceil ? 1 : 0,
          }),
        );
        expect(y?.shape[2] ?? 0).toBe(counted);
        if (!y) return;
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(y.shape);
      }),
      { ...native, numRuns: 80 },
    );
  });

  it('of a transposed convolution are those of a convolution the other way round', async () => {
    await fc.assert(
      fc.asyncProperty(window, async ([{ n, kernel, stride, dilation }, begin, end]) => {
        const t = new Trial();
        const attributes = { strides: [stride], dilations: [dilation], pads: [begin, end] };
        const w = t.f32([1, 1, kernel]);
        const y = orRefused(() => t.g.op('ConvTranspose', [t.f32([1, 1, n]), w], attributes));
        if (!y) return;
        expect(t.g.op('Conv', [y, w], attributes).shape).toEqual([1, 1, n]);
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(y.shape);
      }),
      native,
    );
  });
});

describe('slices', () => {
  const position = fc.integer({ min: -7, max: 7 });
  const step = position.filter((s) => s !== 0);

  it('take what onnxruntime takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), position, position, step, async (n, start, end, by) => {
        const t = new Trial();
        const y = t.g.slice(t.f32([n]), 0, start, end, by);
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(y.shape);
      }),
      { ...native, numRuns: 80 },
    );
  });

  it('forwards take what Array.prototype.slice takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), position, position, async (n, start, end) => {
        const t = new Trial();
        const [result] = await t.run([t.g.slice(t.f32([n]), 0, start, end)]);
        const list = Array.from({ length: n }, (_, i) => i + 1);
        expect(result && numbersOf(result.data)).toEqual(list.slice(start, end));
      }),
      native,
    );
  });
});

describe('reshaping', () => {
  /** Shapes of one product: axes split into factors and put together in another order. */
  const pair = fc
    .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 })
    .chain((from) =>
      fc.tuple(fc.constant(from), fc.shuffledSubarray(from, { minLength: from.length })),
    );

  it('finds the size that -1 stands for', async () => {
    await fc.assert(
      fc.asyncProperty(pair, fc.nat(3), async ([from, to], hole) => {
        const t = new Trial();
        const y = t.g.reshape(t.f32(from), to.with(hole % to.length, -1));
        expect(y.shape).toEqual(to);
        const [result] = await t.run([y]);
        expect(result?.shape).toEqual(to);
      }),
      native,
    );
  });

  it('is undone by Squeeze after Unsqueeze, and by Transpose after Transpose', () => {
    fc.assert(
      fc.property(shape(4), fc.infiniteStream(fc.nat()), (from, random) => {
        const t = new Trial();
        const x: Value = t.f32(from);
        const next = (below: number): number => Number(random.next().value) % below;
        const axes = t.g.ints([next(from.length + 1)]);
        const wider = t.g.op('Unsqueeze', [x, axes]);
        expect(t.g.op('Squeeze', [wider, axes]).shape).toEqual(from);
        const perm = [...from.keys()].toSorted(() => next(3) - 1);
        const inverse = perm.map((_, i) => perm.indexOf(i));
        expect(sameShape(t.g.transpose(t.g.transpose(x, perm), inverse).shape, from)).toBe(true);
      }),
      pure,
    );
  });
});
