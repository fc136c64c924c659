/** Rows in blocks against the same rows in one matrix. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestNeighborsStreamed } from '../src/index.ts';
import type { Matrix } from '../src/index.ts';
import { bumps, bySorting, filled, floats, found, noise } from './helpers.ts';

/** The rows in blocks of the given sizes, over and over until there are none left. */
function* cut(m: Matrix, sizes: readonly number[]): Generator<Matrix> {
  const { columns } = m;
  for (let from = 0, i = 0; from < m.rows; i++) {
    const rows = Math.min(sizes[i % sizes.length] ?? 1, m.rows - from);
    yield { data: m.data.slice(from * columns, (from + rows) * columns), rows, columns };
    from += rows;
  }
}

describe('nearestNeighborsStreamed', () => {
  it.each([
    ['bytes', bumps(700, 40, 1), bumps(9, 40, 2), 5],
    ['floats', floats(bumps(300, 40, 1), 1 / 255), floats(bumps(9, 40, 2), 1 / 255), 5],
    ['ties across blocks', filled(90, 5, 3), filled(2, 5, 9), 30],
    ['blocks of fewer rows than k', noise(50, 7, 3), noise(4, 7, 4), 50],
  ] as const)('finds what sorting all rows finds: %s', async (_, train, queries, k) => {
    const neighbors = await nearestNeighborsStreamed(cut(train, [7, 100, 1]), queries, k);
    const want = bySorting(train, queries, k);
    expect(found(neighbors)).toEqual(want);
    expect([...neighbors.distances]).toEqual(want.squared.map(Math.sqrt));
  });

  it('random shapes, blocks and ties', async () => {
    const problem = fc.record({
      rows: fc.integer({ min: 1, max: 60 }),
      columns: fc.integer({ min: 1, max: 4 }),
      sizes: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(problem, async ({ rows, columns, sizes, share, seed }) => {
        const few = (m: Matrix<Uint8Array>): Matrix => ({ ...m, data: m.data.map((x) => x % 3) });
        const train = few(noise(rows, columns, seed));
        const queries = few(noise(3, columns, seed + 1));
        const k = 1 + Math.floor(share * (rows - 1));
        const options = { kernel: 'naive' } as const;
        expect(
          found(await nearestNeighborsStreamed(cut(train, sizes), queries, k, options)),
        ).toEqual(bySorting(train, queries, k));
      }),
      { numRuns: 40, seed: 42 },
    );
  });

  it('measures by Manhattan distance too', async () => {
    const train = noise(80, 6, 5);
    const queries = noise(3, 6, 6);
    const { indices, distances } = await nearestNeighborsStreamed(cut(train, [13]), queries, 4, {
      p: 1,
    });
    for (let q = 0; q < 3; q++) {
      const all = Array.from({ length: 80 }, (_, row) => {
        let distance = 0;
        for (let c = 0; c < 6; c++)
          distance += Math.abs(queries.data[q * 6 + c]! - train.data[row * 6 + c]!);
        return { row, distance };
      }).sort((a, b) => a.distance - b.distance || a.row - b.row);
      const want = all.slice(0, 4);
      expect([...indices.subarray(q * 4, q * 4 + 4)]).toEqual(want.map(({ row }) => row));
      expect([...distances.subarray(q * 4, q * 4 + 4)]).toEqual(want.map((w) => w.distance));
    }
  });

  it('reads blocks one at a time, also from an asynchronous source, and says how many rows are done', async () => {
    let made = 0;
    const seen: number[] = [];
    async function* source(): AsyncGenerator<Matrix> {
      for (const block of cut(noise(30, 4, 1), [12])) {
        await Promise.resolve();
        made += block.rows;
        yield block;
      }
    }
    await nearestNeighborsStreamed(source(), noise(2, 4, 2), 3, {
      onBlock: (rows) => {
        expect(rows).toBe(made);
        seen.push(rows);
      },
    });
    expect(seen).toEqual([12, 24, 30]);
  });

  it('takes the same memory again for every block', async () => {
    const train = noise(40, 5, 7);
    function* reused(): Generator<Matrix> {
      const data = new Uint8Array(8 * 5);
      for (const block of cut(train, [8])) {
        data.set(block.data);
        yield { data, rows: 8, columns: 5 };
      }
    }
    const queries = noise(3, 5, 8);
    expect(found(await nearestNeighborsStreamed(reused(), queries, 6))).toEqual(
      bySorting(train, queries, 6),
    );
  });

  it('refuses a k beyond all rows, a block of other columns, NaN, and no rows at all', async () => {
    const queries = noise(2, 4, 1);
    const small = [noise(2, 4, 2), noise(1, 4, 3)];
    await expect(nearestNeighborsStreamed(small, queries, 4)).rejects.toThrow(
      'The number of neighbours is 4, but must be a whole number from 1 to 3, the number of training rows.',
    );
    await expect(nearestNeighborsStreamed([noise(2, 3, 2)], queries, 1)).rejects.toThrow(
      'The query matrix has 4 columns, but the training matrix has 3; they must agree.',
    );
    const bad = { data: Float32Array.of(0, NaN), rows: 1, columns: 2 };
    const good = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
    await expect(nearestNeighborsStreamed([good, bad], good, 1)).rejects.toThrow(
      'The block that begins with row 1 holds NaN in row 0, column 1; remove or replace such values first.',
    );
    await expect(nearestNeighborsStreamed([], queries, 1)).rejects.toThrow(
      'The number of neighbours is 1, but must be a whole number from 1 to 0',
    );
  });

  it('stops at a signal between blocks', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const blocks = [noise(4, 4, 1), noise(4, 4, 2)];
    const stopped = nearestNeighborsStreamed(blocks, noise(1, 4, 3), 1, {
      signal: controller.signal,
      onBlock: () => {
        controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
  });
});
