/**
 * The sessions of @fashion-bench/onnx whose tensors stay on a device; here, because this package says whether there is one:
 * a GPU, or a software driver that VK_DRIVER_FILES points at.
 */
import {
  DeviceSession,
  GraphBuilder,
  SessionError,
  type OnnxModel,
  type TensorValue,
} from '@fashion-bench/onnx';
import { describe, expect, it } from 'vitest';
import { resolveEngine } from '../src/index.ts';

const missing = await resolveEngine('onnx-webgpu').then(
  () => undefined,
  (error: unknown) => String(error),
);

/** next = x + x, [2, 3]; sum of x, []. */
function doubling(): OnnxModel {
  const g = new GraphBuilder('doubling');
  const x = g.input('x', 'float32', [2, 3]);
  g.output('next', g.op('Add', [x, x]));
  g.output('sum', g.reduceSum(x, [0, 1]));
  return g.build();
}

function identity(): OnnxModel {
  const g = new GraphBuilder('identity');
  g.output('y', g.op('Identity', [g.input('x', 'float32', [2, 3])]));
  return g.build();
}

const x: TensorValue = {
  dtype: 'float32',
  shape: [2, 3],
  data: Float32Array.of(1, 2, 3, 4, 5, 6),
};

it('an output to be read back must be one of the graph', async () => {
  await expect(DeviceSession.create(doubling(), { host: ['product'] })).rejects.toThrow(
    new SessionError('there is no output "product"; the graph has next, sum'),
  );
});

describe.skipIf(missing !== undefined)(`on a device${missing ? ` (${missing})` : ''}`, () => {
  it('outputs feed the next run where they are, and are read back through an Identity', async () => {
    const step = await DeviceSession.create(doubling(), { host: ['sum'] });
    const read = await DeviceSession.create(identity(), { host: ['y'] });
    let { host, device } = await step.run({ x });
    for (let i = 0; i < 4; i++) {
      const { next } = device;
      if (!next) throw new Error('nothing stayed on the device');
      expect([next.dtype, next.shape]).toEqual(['float32', [2, 3]]);
      ({ host, device } = await step.run({ x: next }));
      next.dispose();
    }
    expect(host['sum']?.data).toEqual(Float32Array.of(21 * 16));
    const { next } = device;
    if (!next) throw new Error('nothing stayed on the device');
    const { y } = (await read.run({ x: next })).host;
    expect(y?.data).toEqual(Float32Array.from([1, 2, 3, 4, 5, 6], (value) => value * 32));
    next.dispose();
    await expect(read.run({ x: next })).rejects.toThrow('input "x": the tensor is disposed');
    await step.dispose();
    await step.dispose();
    await expect(step.run({ x })).rejects.toThrow('the session is disposed');
    await read.dispose();
  });

  it('a session takes what it has made along: such a tensor is refused, where it would end the process', async () => {
    const step = await DeviceSession.create(doubling(), { host: ['sum'] });
    const read = await DeviceSession.create(identity(), { host: ['y'] });
    const { next } = (await step.run({ x })).device;
    if (!next) throw new Error('nothing stayed on the device');
    await step.dispose();
    await expect(read.run({ x: next })).rejects.toThrow('input "x": the tensor is disposed');
    expect((await read.run({ x })).host['y']?.data).toEqual(x.data);
    await read.dispose();
  });

  it('runs that are begun together are made one after the other', async () => {
    const session = await DeviceSession.create(doubling(), { host: ['next', 'sum'] });
    const results = await Promise.all(Array.from({ length: 5 }, () => session.run({ x })));
    for (const { host } of results) expect(host['sum']?.data).toEqual(Float32Array.of(21));
    await session.dispose();
  });

  it('a run that fails does not keep the next one from its turn', async () => {
    const session = await DeviceSession.create(identity(), { host: ['y'] });
    const [failed, done] = await Promise.allSettled([session.run({}), session.run({ x })]);
    expect([failed.status, done.status]).toEqual(['rejected', 'fulfilled']);
    await session.dispose();
  });

  it('a node without a kernel on the device is refused, unless the CPU may help', async () => {
    const g = new GraphBuilder('no kernel');
    g.output('y', g.op('LogSoftmax', [g.input('x', 'float32', [2, 3])], { axis: -1 }));
    const model = g.build();
    await expect(DeviceSession.create(model)).rejects.toThrow(/assigned to the default CPU EP/);
    const session = await DeviceSession.create(model, { host: ['y'], cpuFallback: true });
    expect((await session.run({ x })).host['y']?.shape).toEqual([2, 3]);
    await session.dispose();
  });
});
