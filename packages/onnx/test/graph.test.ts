/** What the builder makes of a whole graph: names, outputs, counts, and that it runs as built. */
import { describe, expect, it } from 'vitest';
import { GraphBuilder, isOperatorName, OnnxSession, type TensorValue } from '../src/index.ts';
import { numbersOf, tensor } from './support/trial.ts';

async function run(
  g: GraphBuilder,
  feeds: Record<string, TensorValue>,
): Promise<Record<string, number[]>> {
  const session = await OnnxSession.create(g.build(), { threads: 1 });
  const results = await session.run(feeds);
  await session.dispose();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data }]) => [name, numbersOf(data)]),
  );
}

describe('a graph', () => {
  it('is described by its model', () => {
    const g = new GraphBuilder('layer');
    const x = g.input('x', 'float32', ['n', 2]);
    const y = g.op('Add', [
      g.op('MatMul', [x, g.constant('float32', [2, 3], new Float32Array(6))]),
      g.scalar(1),
    ]);
    g.output('y', y);
    const { inputs, outputs, operatorCounts } = g.build();
    expect(inputs).toEqual([{ name: 'x', dtype: 'float32', shape: ['n', 2] }]);
    expect(outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['n', 3] }]);
    expect(operatorCounts).toEqual({ Add: 1, MatMul: 1 });
  });

  it('gives intermediate values, inputs, constants and one value twice as outputs', async () => {
    const g = new GraphBuilder('outputs');
    const x = g.input('x', 'float32', [2]);
    const negative = g.op('Neg', [x]);
    g.output('negative', negative);
    g.output('again', negative);
    g.output('positive', g.op('Abs', [negative]));
    g.output('x', x);
    g.output('copy', x);
    g.output('constant', g.ints([7]));
    expect(await run(g, { x: tensor('float32', [2], [1, -2]) })).toEqual({
      negative: [-1, 2],
      again: [-1, 2],
      positive: [1, 2],
      x: [1, -2],
      copy: [1, -2],
      constant: [7],
    });
  });

  it('keeps the own name of a value beside another', async () => {
    const g = new GraphBuilder('own name');
    const y = g.op('Neg', [g.input('x', 'float32', [1])]);
    g.output('z', y);
    g.output(y.name, y);
    expect(await run(g, { x: tensor('float32', [1]) })).toEqual({ z: [-1], [y.name]: [-1] });
  });

  it('can be built again after more was added', async () => {
    const g = new GraphBuilder('twice');
    const x = g.input('x', 'float32', [1]);
    g.output('a', g.op('Neg', [x]));
    const first = g.build().bytes;
    expect(g.build().bytes).toEqual(first);
    g.output('b', g.op('Abs', [x]));
    expect(await run(g, { x: tensor('float32', [1]) })).toEqual({ a: [-1], b: [1] });
  });

  it('finds names that the caller has not taken', async () => {
    const g = new GraphBuilder('names');
    const x = g.input('Neg_0', 'float32', [1]);
    const c = g.constant('float32', [1], Float32Array.of(5), 'Neg_1');
    g.output('y', g.op('Add', [g.op('Neg', [x]), c]));
    expect(await run(g, { Neg_0: tensor('float32', [1]) })).toEqual({ y: [4] });
  });

  it('is not changed by what the caller does with the shapes given', () => {
    const g = new GraphBuilder('shapes');
    const shape = [2, 3];
    const x = g.input('x', 'float32', shape);
    shape.push(4);
    expect(x.shape).toEqual([2, 3]);
  });

  it('casts only where there is something to cast', () => {
    const g = new GraphBuilder('cast');
    const x = g.input('x', 'uint8', [1]);
    expect(g.cast(x, 'uint8')).toBe(x);
    expect(g.cast(x, 'bool').dtype).toBe('bool');
  });
});

it('knows operator names', () => {
  expect(['MatMul', 'NchwcConv', 'toString', 'matmul'].map(isOperatorName)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
