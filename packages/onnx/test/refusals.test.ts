/** What the builder refuses, each in one sentence that names the node and what it was given. */
import { describe, expect, it } from 'vitest';
import { GraphError, type OperatorName, type Value } from '../src/index.ts';
import { elementwise, products } from './refusals/elementwise.ts';
import { graph } from './refusals/graph.ts';
import { nn } from './refusals/nn.ts';
import { reshaping } from './refusals/reshaping.ts';
import { ranking, selection } from './refusals/selection.ts';
import { use } from './refusals/use.ts';
import { ports } from './support/ports.ts';

describe.each(
  Object.entries({ use, elementwise, products, reshaping, selection, ranking, nn, graph }),
)('%s', (_family, refusals) => {
  it.each(refusals)('%s', (message, build) => {
    expect(() => build(ports())).toThrow(new GraphError(message));
  });
});

it('leaves the graph as it was, so that the name is free again', () => {
  const { g, f32 } = ports();
  expect(() => g.constant('float32', [2], new Float32Array(3), 'c')).toThrow(GraphError);
  expect(() => g.op('Sqrt', [g.input('i', 'int32', [])])).toThrow(GraphError);
  const sum = g.op('Add', [f32(2), g.constant('float32', [2], new Float32Array(2), 'c')]);
  g.output('y', sum);
  expect(g.build().operatorCounts).toEqual({ Add: 1 });
});

it('names the error and keeps its cause', () => {
  const { g, f32 } = ports();
  const name: OperatorName = 'MatMul';
  const refused = (): Value => g.op(name, [f32(1), f32(1)]);
  expect(refused).toThrow(expect.objectContaining({ name: 'GraphError', code: 'graph' }));
  expect(refused).toThrow(expect.objectContaining({ cause: expect.any(GraphError) as unknown }));
});
