import { GraphBuilder, OnnxSession } from '@fashion-bench/onnx';
import { expect, it } from 'vitest';
import { permuteRows } from '../src/onnx-cpu/blocked/rows.ts';

const shape = [2, 3, 4];
const width = 5;
const values = Float32Array.from({ length: 2 * 3 * 4 * width }, (_, i) => i);

/** Rows in their new order, by three plain loops over the new coordinates. */
function expected(perm: readonly [number, number, number], reversed?: number): number[] {
  const result: number[] = [];
  const sizes = perm.map((axis) => shape[axis] ?? 0);
  for (let a = 0; a < (sizes[0] ?? 0); a++) {
    for (let b = 0; b < (sizes[1] ?? 0); b++) {
      for (let c = 0; c < (sizes[2] ?? 0); c++) {
        const old = [0, 0, 0];
        [a, b, c].forEach((x, position) => {
          const axis = perm[position] ?? 0;
          old[axis] = position === reversed ? (shape[axis] ?? 0) - 1 - x : x;
        });
        const row = ((old[0] ?? 0) * 3 + (old[1] ?? 0)) * 4 + (old[2] ?? 0);
        result.push(...values.subarray(row * width, (row + 1) * width));
      }
    }
  }
  return result;
}

it.each([
  { perm: [0, 1, 2] },
  { perm: [2, 0, 1] },
  { perm: [2, 1, 0] },
  { perm: [1, 2, 0], reversed: 0 },
  { perm: [1, 2, 0], reversed: 1 },
  { perm: [1, 0, 2], reversed: 2 },
] as const)('rows in the order $perm, position $reversed reversed', async (options) => {
  const { perm } = options;
  const reversed = 'reversed' in options ? options.reversed : undefined;
  const g = new GraphBuilder('rows');
  const input = g.input('x', 'float32', [...shape, width]);
  g.output('y', permuteRows(g, input, shape, perm, reversed));
  const session = await OnnxSession.create(g.build());
  const x = { dtype: 'float32', shape: [...shape, width], data: values } as const;
  const { y } = await session.run({ x });
  await session.dispose();
  expect(y?.shape).toEqual([24, width]);
  expect([...(y?.data ?? [])]).toEqual(expected(perm, reversed));
});
