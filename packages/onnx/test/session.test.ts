/** The session: what it reads and writes in place, and what it refuses. */
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import {
  GraphBuilder,
  OnnxSession,
  SessionError,
  type OnnxModel,
  type SessionOptions,
  type TensorValue,
} from '../src/index.ts';
import { untyped } from './support/ports.ts';
import { numbersOf, tensor } from './support/trial.ts';

/** product = x w, [n, 2]; rectified = max(x, 0), [n, 3]. */
function model(): OnnxModel {
  const g = new GraphBuilder('session');
  const x = g.input('x', 'float32', ['n', 3]);
  g.output('product', g.op('MatMul', [x, g.input('w', 'float32', [3, 2])]));
  g.output('rectified', g.op('Relu', [x]));
  return g.build();
}

const x = tensor('float32', [1, 3]);
const w = tensor('float32', [3, 2]);

async function withSession<T>(
  use: (session: OnnxSession) => Promise<T>,
  of: OnnxModel | Uint8Array = model(),
  options: SessionOptions = {},
): Promise<T> {
  const session = await OnnxSession.create(of, { threads: 1, ...options });
  try {
    return await use(session);
  } finally {
    await session.dispose();
  }
}

const numbers = (value: TensorValue | undefined): number[] => (value ? numbersOf(value.data) : []);

describe('run', () => {
  it('returns every output with its dtype and shape', () =>
    withSession(async (session) => {
      expect(session.inputNames).toEqual(['x', 'w']);
      expect(session.outputNames).toEqual(['product', 'rectified']);
      expect(await session.run({ x, w })).toEqual({
        product: { dtype: 'float32', shape: [1, 2], data: Float32Array.of(22, 28) },
        rectified: { dtype: 'float32', shape: [1, 3], data: Float32Array.of(1, 2, 3) },
      });
    }));

  it('takes any size where the graph has a name', () =>
    withSession(async (session) => {
      const two = await session.run({ x: tensor('float32', [2, 3]), w });
      expect([two['product']?.shape, numbers(two['product'])]).toEqual([
        [2, 2],
        [22, 28, 49, 64],
      ]);
      const none = await session.run({ x: tensor('float32', [0, 3]), w });
      expect([none['product']?.shape, numbers(none['product'])]).toEqual([[0, 2], []]);
    }));

  it('writes outputs in place where it is given some', () =>
    withSession(async (session) => {
      const product = tensor('float32', [1, 2], [0, 0]);
      const first = await session.run({ x, w }, { product });
      expect(first['product']).toBe(product);
      expect(numbers(product)).toEqual([22, 28]);
      expect(numbers(first['rectified'])).toEqual([1, 2, 3]);
      await session.run({ x: tensor('float32', [1, 3], [1, 0, 0]), w }, { product });
      expect(numbers(product)).toEqual([1, 2]);
    }));

  it('writes to a part of a larger array, and reads from one', () =>
    withSession(async (session) => {
      const whole = new Float32Array(5).fill(9);
      const source = Float32Array.of(9, 1, 2, 3, 9);
      await session.run(
        { x: { dtype: 'float32', shape: [1, 3], data: source.subarray(1, 4) }, w },
        { product: { dtype: 'float32', shape: [1, 2], data: whole.subarray(2, 4) } },
      );
      expect([...whole]).toEqual([9, 9, 22, 28, 9]);
      expect([...source]).toEqual([9, 1, 2, 3, 9]);
    }));

  it('reads from shared memory and from another realm, and writes there', () =>
    withSession(async (session) => {
      const Foreign = runInNewContext('Float32Array') as Float32ArrayConstructor;
      const inShared = (values: readonly number[]): Float32Array => {
        const data = new Float32Array(new SharedArrayBuffer(4 * values.length));
        data.set(values);
        return data;
      };
      for (const make of [inShared, (values: readonly number[]) => Foreign.from(values)]) {
        const data = make([0, 0]);
        const { product } = await session.run(
          { x: { ...x, data: make([1, 2, 3]) }, w },
          { product: { dtype: 'float32', shape: [1, 2], data } },
        );
        expect(product?.data).toBe(data);
        expect([...data]).toEqual([22, 28]);
      }
    }));

  it('reads feeds as they are at each run, and leaves them as they were', () =>
    withSession(async (session) => {
      const data = Float32Array.of(-1, 0, 0);
      const fed: TensorValue = { dtype: 'float32', shape: [1, 3], data };
      const first = await session.run({ x: fed, w });
      data[0] = 5;
      const second = await session.run({ x: fed, w });
      expect(numbers(first['product'])).toEqual([-1, -2]);
      expect(numbers(second['product'])).toEqual([5, 10]);
      expect([...data]).toEqual([5, 0, 0]);
      expect(fed.data).toBe(data);
    }));

  it('gives each run arrays of its own', () =>
    withSession(async (session) => {
      const first = await session.run({ x, w });
      await session.run({ x: tensor('float32', [1, 3], [0, 0, 0]), w });
      expect(numbers(first['product'])).toEqual([22, 28]);
    }));

  it.each<[string, Record<string, TensorValue>, Record<string, TensorValue>?]>([
    ['the input "w" float32[3,2] is missing in the feeds', { x }],
    ['there is no input "z"; the graph has "x" float32[n,3], "w" float32[3,2]', { x, w, z: x }],
    [
      'input "x", given as float32[3]: the model has "x" float32[n,3]',
      { x: tensor('float32', [3]), w },
    ],
    [
      'input "x", given as float32[1,2]: the model has "x" float32[n,3]',
      { x: tensor('float32', [1, 2]), w },
    ],
    [
      'input "x", given as int32[1,3]: the model has "x" float32[n,3]',
      { x: tensor('int32', [1, 3]), w },
    ],
    [
      'input "x", given as float32[1,3]: its data has 2 elements',
      { x: { ...x, data: new Float32Array(2) }, w },
    ],
    [
      'input "x", given as float32[1,3]: Int32Array does not hold float32',
      { x: { ...x, data: new Int32Array(3) }, w },
    ],
    [
      'output "product", given as float32[1,3]: the model has "product" float32[n,2]',
      { x, w },
      { product: x },
    ],
    [
      'output "product", given as int32[1,2]: the model has "product" float32[n,2]',
      { x, w },
      { product: tensor('int32', [1, 2]) },
    ],
    [
      'there is no output "y"; the graph has "product" float32[n,2], "rectified" float32[n,3]',
      { x, w },
      { y: x },
    ],
  ])('refuses: %s', (message, feeds, into) =>
    withSession(async (session) => {
      await expect(session.run(feeds, into)).rejects.toThrow(new SessionError(message));
    }),
  );

  it('passes on what only onnxruntime can know, with its reason', () =>
    withSession(async (session) => {
      const into = { product: tensor('float32', [2, 2]) };
      const refused = session.run({ x, w }, into);
      await expect(refused).rejects.toThrow(SessionError);
      await expect(refused).rejects.toThrow(
        /^onnxruntime could not run the graph: .*'product'.*\{2,2\}.*\{1,2\}/,
      );
      await expect(refused).rejects.toHaveProperty('cause');
      expect(numbers((await session.run({ x, w }))['product'])).toEqual([22, 28]);
    }));
});

describe('create', () => {
  const { bytes } = model();

  it('takes bytes as well as a model, also from shared memory', async () => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const given of [bytes, shared]) {
      const { product } = await withSession((session) => session.run({ x, w }), given);
      expect(numbers(product)).toEqual([22, 28]);
    }
  });

  it.each<[string, Uint8Array]>([
    ['truncated', bytes.subarray(0, bytes.length - 20)],
    ['empty', new Uint8Array()],
    ['foreign', Uint8Array.of(0x89, 0x50, 0x4e, 0x47)],
  ])('refuses %s bytes', async (_what, damaged) => {
    const refused = OnnxSession.create(damaged);
    await expect(refused).rejects.toThrow(SessionError);
    await expect(refused).rejects.toThrow(/^onnxruntime refused the model: \S/);
    await expect(refused).rejects.toMatchObject({ name: 'SessionError', code: 'session' });
  });

  it.each([0, -1, 1.5, NaN, 257, 1e6])('refuses %s threads', async (threads) => {
    await expect(OnnxSession.create(bytes, { threads })).rejects.toThrow(
      new SessionError(`threads must be a whole number from 1 to 256, not ${threads}`),
    );
  });

  it('refuses a provider that it does not know', async () => {
    await expect(OnnxSession.create(bytes, { provider: untyped('abacus') })).rejects.toThrow(
      SessionError,
    );
  });

  it.each<SessionOptions>([
    { optimization: 'disabled' },
    { optimization: 'basic' },
    { optimization: 'extended' },
    { spinning: false },
    { memoryArena: false },
    { threads: 2 },
  ])('computes the same with %o', async (options) => {
    const { product } = await withSession((session) => session.run({ x, w }), bytes, options);
    expect(numbers(product)).toEqual([22, 28]);
  });

  it.each(['extended', 'all'] as const)(
    'exactInt8 saturates nowhere (%s)',
    async (optimization) => {
      const g = new GraphBuilder('int8');
      const weights = g.constant(
        'int8',
        [4, 2],
        Int8Array.of(127, -128, 127, -128, 127, -128, 127, -128),
      );
      g.output('y', g.op('MatMulInteger', [g.input('a', 'uint8', [1, 4]), weights]));
      const feeds = { a: tensor('uint8', [1, 4], [255, 255, 255, 255]) };
      const { y } = await withSession((session) => session.run(feeds), g.build(), {
        exactInt8: true,
        optimization,
      });
      expect(numbers(y)).toEqual([4 * 255 * 127, 4 * 255 * -128]);
    },
  );
});

describe('dispose', () => {
  it('may be called twice, and ends the session', async () => {
    const session = await OnnxSession.create(model());
    await session.dispose();
    await session.dispose();
    await expect(session.run({ x, w })).rejects.toThrow(
      new SessionError('the session is disposed'),
    );
  });

  it('leaves results and the other sessions alone', async () => {
    const [a, b] = [await OnnxSession.create(model()), await OnnxSession.create(model())];
    const { product } = await a.run({ x, w });
    await a.dispose();
    expect(numbers(product)).toEqual([22, 28]);
    expect(numbers((await b.run({ x, w }))['product'])).toEqual([22, 28]);
    await b.dispose();
  });
});
