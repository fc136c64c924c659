/** All kernels against sums written out here; the byte products where they are hardest. */
import fc from 'fast-check';
import { findInstallation } from '@fashion-bench/tensorflow';
import { describe, expect, it } from 'vitest';
import {
  DISTANCE_KERNELS,
  KnnError,
  KnnInputError,
  distanceArray,
  distanceKernel,
  exactKernel,
} from '../src/index.ts';
import type { DistanceArray, DistanceKernel, DistanceKernelId, Matrix } from '../src/index.ts';
import { loadOnnx } from '../src/kernels/peers.ts';
import { isExact } from '../src/kernels/product.ts';
import { bumps, filled, floats, noise } from './helpers.ts';
import { noWebgpu } from './webgpu-reason.ts';

async function allDistances(
  kernel: DistanceKernel,
  train: Matrix,
  queries: Matrix,
): Promise<DistanceArray> {
  const prepared = await kernel.prepare(train);
  try {
    const out = distanceArray(prepared, queries.rows);
    await prepared.squaredDistancesInto(queries, out);
    return out;
  } finally {
    await prepared.dispose();
  }
}

/** [queries * rows] in float64. */
function expected(train: Matrix, queries: Matrix): number[] {
  const out: number[] = [];
  for (let q = 0; q < queries.rows; q++) {
    for (let t = 0; t < train.rows; t++) {
      let sum = 0;
      for (let c = 0; c < train.columns; c++) {
        sum += (queries.data[q * train.columns + c]! - train.data[t * train.columns + c]!) ** 2;
      }
      out.push(sum);
    }
  }
  return out;
}

const shapes: readonly (readonly [string, Matrix<Uint8Array>, Matrix<Uint8Array>])[] = [
  ['noise', noise(37, 50, 1), noise(5, 50, 2)],
  ['bumps', bumps(60, 784, 3), bumps(7, 784, 4)],
  ['one row', noise(1, 9, 5), noise(3, 9, 6)],
  ['one column', noise(20, 1, 7), noise(4, 1, 8)],
  ['one query', noise(33, 17, 9), noise(1, 17, 10)],
  ['all 255 against all 0', filled(9, 784, 0), filled(3, 784, 255)],
  ['all 255 against all 255', filled(9, 784, 255), filled(3, 784, 255)],
];

const installed = findInstallation().state === 'complete';
const rounding: readonly DistanceKernelId[] = ['expanded', 'tensorflow', 'webgpu'];

/** Kernels that can be tried here: TensorFlow's where its binding is built, and never a GPU's. */
const present = DISTANCE_KERNELS.filter(
  (id) =>
    id !== 'tensorflow-gpu' &&
    (id !== 'tensorflow' || installed) &&
    (id !== 'webgpu' || noWebgpu === null),
);

describe.each(present)('kernel %s', (id) => {
  it.each(shapes)('bytes: %s', async (_, train, queries) => {
    const kernel = distanceKernel(id);
    const got = await allDistances(kernel, train, queries);
    const want = expected(train, queries);
    if (rounding.includes(id)) expectWithin(got, want, train, queries);
    else expect([...got]).toEqual(want);
  });

  it('floats: within the bound that it states', async () => {
    const train = floats(bumps(40, 100, 11), 0.013);
    const queries = floats(bumps(6, 100, 12), 0.013);
    expectWithin(
      await allDistances(distanceKernel(id), train, queries),
      expected(train, queries),
      train,
      queries,
    );
  });

  it('refuses an output of another type or length', async () => {
    const train = noise(4, 3, 1);
    const prepared = await distanceKernel(id).prepare(train);
    await expect(async () =>
      prepared.squaredDistancesInto(train, new Float64Array(16)),
    ).rejects.toThrow(
      `The output must be of type ${prepared.output} with 16 elements (4 queries x 4 rows), but is Float64Array(16) [ 0, 0, 0, ... 13 more items ].`,
    );
    await expect(async () =>
      prepared.squaredDistancesInto(train, distanceArray(prepared, 3)),
    ).rejects.toBeInstanceOf(KnnInputError);
    await prepared.dispose();
  });

  it('refuses queries that do not fit', async () => {
    const prepared = await distanceKernel(id).prepare(noise(4, 3, 1));
    await expect(async () =>
      prepared.squaredDistancesInto(noise(2, 4, 1), distanceArray(prepared, 2)),
    ).rejects.toThrow('The query matrix has 4 columns');
    await prepared.dispose();
  });

  it('refuses NaN in the training matrix', async () => {
    const train = { data: Float32Array.of(1, NaN), rows: 1, columns: 2 };
    await expect(async () => distanceKernel(id).prepare(train)).rejects.toThrow(
      'The training matrix holds NaN in row 0, column 1; remove or replace such values first.',
    );
  });
});

/** |computed - true| <= columns * 2^-22 * (|q| + |t|)^2: a looser form of what rounding.ts proves. */
function expectWithin(got: DistanceArray, want: number[], train: Matrix, queries: Matrix): void {
  const norm = (m: Matrix, r: number): number =>
    Math.hypot(...m.data.subarray(r * m.columns, (r + 1) * m.columns));
  want.forEach((distance, i) => {
    const reach = norm(queries, Math.floor(i / train.rows)) + norm(train, i % train.rows);
    expect(Math.abs(got[i]! - distance)).toBeLessThanOrEqual(
      (train.columns + 8) * 2 ** -23 * reach ** 2,
    );
  });
}

describe('byte products of the kernel exact', () => {
  it('u8u8 is exact on this processor', async () => {
    expect(await isExact(await loadOnnx('exact'), 'u8u8', 2)).toBe(true);
  });

  it.each(['u8s8', 'u8u8'] as const)(
    '%s, forced: exact distances or a refusal, never wrong ones',
    async (product) => {
      const train = filled(40, 784, 255);
      // Rows of one extreme, of the other, and of both in turn.
      for (let i = 0; i < train.data.length; i++) {
        const row = Math.floor(i / 784);
        if (row % 3 === 1 || (row % 3 === 2 && i % 2 === 0)) train.data[i] = 0;
      }
      const queries = filled(3, 784, 255);
      const safe = await isExact(await loadOnnx('exact'), product, 2);
      const attempt = allDistances(exactKernel({ product, threads: 2 }), train, queries);
      if (safe) {
        expect([...(await attempt)]).toEqual(expected(train, queries));
      } else {
        await expect(attempt).rejects.toBeInstanceOf(KnnError);
        await expect(attempt).rejects.toThrow(
          `The byte product ${product} saturates on this processor and would give wrong distances; leave the choice to "auto".`,
        );
      }
    },
  );

  it('names the way it took', async () => {
    const prepared = await exactKernel({ product: 'u8u8', threads: 1 }).prepare(noise(3, 3, 1));
    expect(prepared.path).toBe('uint8 x uint8 to int32, onnxruntime, 1 threads');
    await prepared.dispose();
  });

  it('random bytes of random shapes, often extreme', async () => {
    const byte = fc.oneof(fc.constantFrom(0, 127, 128, 255), fc.nat({ max: 255 }));
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 20 }),
      columns: fc.integer({ min: 1, max: 40 }),
    });
    const pair = shape.chain(({ rows, columns }) =>
      fc.record({
        columns: fc.constant(columns),
        train: fc.array(byte, { minLength: rows * columns, maxLength: rows * columns }),
        query: fc.array(byte, { minLength: columns, maxLength: columns }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(pair, async ({ train, query, columns }) => {
        const t = { data: Uint8Array.from(train), rows: train.length / columns, columns };
        const q = { data: Uint8Array.from(query), rows: 1, columns };
        expect([...(await allDistances(exactKernel({ threads: 1 }), t, q))]).toEqual(
          expected(t, q),
        );
      }),
      { numRuns: 25, seed: 42 },
    );
  });

  it('refuses bytes whose distances would pass int32', async () => {
    const train = filled(1, 33_026, 1);
    await expect(exactKernel().prepare(train)).rejects.toThrow(
      'A byte matrix may have up to 33025 columns, so that squared distances fit int32, but has 33026',
    );
  });

  it('is exact at that limit', async () => {
    const [distance] = await allDistances(
      exactKernel({ threads: 1 }),
      filled(1, 33_025, 0),
      filled(1, 33_025, 255),
    );
    expect(distance).toBe(33_025 * 255 ** 2);
  });
});

it('an unknown kernel is refused by name', () => {
  const isId = (name: string): name is DistanceKernelId => name.length > 0;
  const name = ['fast'].find(isId);
  expect(() => distanceKernel(name ?? 'exact')).toThrow(
    new KnnInputError(
      'option',
      "The kernel is 'fast', but must be one of naive, expanded, exact, tensorflow, tensorflow-gpu, webgpu.",
    ),
  );
});
