import {
  DeviceSession,
  GraphBuilder,
  GraphError,
  OnnxSession,
  SessionError,
  decodeModel,
  elementCount,
  formatShape,
  isOperatorName,
  knownSize,
  withoutTelemetry,
  type OnnxModel,
  type Value,
} from '@fashion-bench/onnx';
import { afterAll, expect, test } from 'vitest';
import { type Border, faultsOf, missing, optional, texts } from './nonsense.ts';

function model(): OnnxModel {
  const g = new GraphBuilder('borders');
  g.output('y', g.op('Relu', [g.input('x', 'float32', [2])]));
  return g.build();
}
const built = model();
const session = await OnnxSession.create(built, { threads: 1 });
afterAll(() => session.dispose());
const x = { dtype: 'float32', shape: [2], data: Float32Array.of(-1, 1) };
const y = { dtype: 'float32', shape: [2], data: new Float32Array(2) };
const options = {
  ...{ provider: 'cpu', threads: 1, optimization: 'all', exactInt8: true, spinning: false },
  ...{ memoryArena: true, cpuFallback: true, log: 'nothing', host: ['y'] },
};
const flags = Object.fromEntries(
  ['exactInt8', 'spinning', 'memoryArena', 'cpuFallback'].map(
    (name) => [`1.${name}`, (value: unknown) => missing(value) || value === true] as const,
  ),
);
/** A builder of its own for every call: a refused one must leave the graph as it was. */
const builder =
  (use: (g: GraphBuilder, ...values: never[]) => unknown) =>
  (...values: never[]): unknown =>
    use(new GraphBuilder('borders'), ...values);
const lists = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const size = { fields: 999, rawBytes: 99 };
const limits = { operators: { Relu: [] }, nodes: 9, elements: 9, work: 99, size };
const amounts = (value: unknown): boolean => value === 7.5 || value === Infinity;

const ofX = (use: (g: GraphBuilder, x: Value, ...values: never[]) => unknown): Border['call'] =>
  builder((g, ...values) => use(g, g.input('x', 'float32', [2, 2]), ...values));
const position = (value: unknown): boolean => value === -1;
const shortcuts: Border[] = [
  { name: 'reshape', call: ofX((g, x, shape: never) => g.reshape(x, shape)), good: [[4]] },
  { name: 'transpose', call: ofX((g, x, perm: never) => g.transpose(x, perm)), good: [[1, 0]] },
  {
    name: 'slice',
    call: ofX((g, x, ...values) =>
      g.slice(x, ...(values as unknown as [never, never, never, never])),
    ),
    good: [1, 0, 1, 1],
    takes: { '0': position, '1': position, '2': position, '3': (v) => missing(v) || position(v) },
  },
  {
    name: 'reduceSum',
    call: ofX((g, x, axes: never, keepdims: never) => g.reduceSum(x, axes, keepdims)),
    good: [[1], false],
    takes: { '0': lists, '1': (v) => missing(v) || v === true },
  },
  {
    name: 'concat',
    call: ofX((g, x, axis: never) => g.op('Concat', [x, x], { axis })),
    good: [0],
    takes: { '0': position },
  },
];

const borders: Border[] = [
  {
    name: 'GraphBuilder',
    call: (name: never) => new GraphBuilder(name),
    good: ['g'],
    takes: { '0': texts },
  },
  {
    name: 'input',
    call: builder((g, ...values) => g.input(...(values as unknown as [never, never, never]))),
    good: ['x', 'float32', [2]],
    takes: { '0': (value) => value === 'nonsense', '2': (value) => Array.isArray(value) },
  },
  {
    name: 'constant',
    call: builder((g, ...values) =>
      g.constant(...(values as unknown as [never, never, never, never])),
    ),
    good: ['float32', [1], Float32Array.of(1), 'c'],
    takes: {
      '1': (value) => Array.isArray(value) && value.length === 0,
      '3': (value) => missing(value) || value === 'nonsense',
    },
  },
  {
    name: 'scalar',
    call: builder((g, ...values) => g.scalar(...(values as unknown as [never, never]))),
    good: [1, 'int32'],
    takes: { '0': (value) => value === -1, '1': missing },
  },
  {
    name: 'ints',
    call: builder((g, value) => g.ints(value)),
    good: [[1]],
    takes: { '0': Array.isArray },
  },
  {
    name: 'op',
    call: builder((g, name, attributes) =>
      g.op(name, [g.input('x', 'float32', [2])] as never, attributes),
    ),
    good: ['Softmax', { axis: 0 }],
    takes: {
      '1': (value) =>
        !(
          typeof value !== 'object' ||
          (Array.isArray(value) && value.length > 0) ||
          ArrayBuffer.isView(value)
        ) || missing(value),
      '1.axis': (value) => missing(value) || value === -1,
    },
  },
  {
    name: 'cast',
    call: builder((g, dtype) => g.cast(g.input('x', 'float32', [2]), dtype)),
    good: ['int32'],
  },
  ...shortcuts,
  {
    name: 'withoutTelemetry',
    call: withoutTelemetry,
    good: [{ PATH: '/bin' }],
    takes: { '0': (v) => typeof v === 'object' && v !== null, '0.PATH': () => true },
  },
  {
    name: 'output',
    call: builder((g, name) => {
      g.output(name, g.input('x', 'float32', [2]));
    }),
    good: ['y'],
    takes: { '0': (value) => value === 'nonsense' },
  },
  {
    name: 'metadata',
    call: builder((g, key, value) => {
      g.metadata(key, value);
    }),
    good: ['key', 'value'],
    takes: { '0': (value) => value === 'nonsense', '1': texts },
  },
  {
    name: 'decodeModel',
    call: decodeModel,
    good: [built.bytes, limits],
    takes: {
      ...{ '1.nodes': amounts, '1.elements': amounts, '1.work': amounts },
      ...{ '1.size.fields': amounts, '1.size.rawBytes': amounts },
    },
  },
  {
    name: 'OnnxSession.create',
    call: (of: never, how: never) => OnnxSession.create(of, how),
    good: [built, options],
    takes: {
      ...optional(1, options),
      ...flags,
      '1.host': (value) => missing(value) || (Array.isArray(value) && value.length === 0),
      '0.inputs': () => true,
      '0.outputs': () => true,
      '0.operatorCounts': () => true,
    },
  },
  {
    name: 'run',
    call: (feeds: never, into: never) => session.run(feeds, into),
    good: [{ x }, { y }],
    takes: {
      '1': (value) =>
        (typeof value === 'object' && value !== null && Object.keys(value).length === 0) ||
        missing(value),
    },
  },
  { name: 'run x', call: (value: never) => session.run({ x: value }), good: [x] },
  {
    name: 'run into y',
    call: (value: never) => session.run({ x } as never, { y: value }),
    good: [y],
  },
  { name: 'elementCount', call: elementCount, good: [[2]], takes: { '0': Array.isArray } },
  { name: 'formatShape', call: formatShape, good: [[2]], takes: { '0': Array.isArray } },
  { name: 'knownSize', call: knownSize, good: [2] },
];

test.each(borders)('onnx: $name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [GraphError, SessionError])).toEqual([]);
});

test('onnx: a device session looks at its arguments before it looks for a device', async () => {
  for (const [given, how] of [
    [undefined, {}],
    [built, null],
    [built, { host: ['z'] }],
    [built, { threads: 0.5 }],
  ] as const) {
    await expect(DeviceSession.create(given as never, how as never)).rejects.toThrow(
      /the model must be|the options must be|there is no output "z"|threads must be/u,
    );
  }
  expect(isOperatorName('relu')).toBe(false);
});

test('onnx: shortcuts name a value that is none of the graph', () => {
  const g = new GraphBuilder('borders');
  const wrong = 7 as never;
  for (const use of [
    () => g.reshape(wrong, [1]),
    () => g.transpose(wrong, [0]),
    () => g.slice(wrong, 0, 0, 1),
    () => g.reduceSum(wrong, [0]),
  ]) {
    expect(use).toThrow('7 does not belong to this graph');
  }
});
