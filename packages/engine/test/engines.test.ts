import { describe, expect, it } from 'vitest';

import {
  ENGINE_IDS,
  type EngineId,
  type EngineProbes,
  EngineUnavailableError,
  listEngines,
  resolveEngine,
  UnknownEngineError,
} from '../src/index.ts';
import { fakeProbes } from './fakes.ts';

const noOnnx = (): Promise<never> => Promise.reject(new Error('GLIBC_2.28 not found.\nmore'));

async function reasonOf(id: EngineId, changes: Partial<EngineProbes>): Promise<string> {
  const all = await listEngines({ probes: fakeProbes(changes) });
  const found = all.find((status) => status.state === 'missing' && status.id === id);
  if (found?.state !== 'missing') throw new Error(`${id} is not missing`);
  return found.reason;
}

describe('listEngines', () => {
  it('lists the five engines in a fixed order, onnx-cpu and reference available', async () => {
    const all = await listEngines({ probes: fakeProbes(), threads: 2 });
    expect(all.map((s) => (s.state === 'available' ? s.engine.id : s.id))).toEqual([...ENGINE_IDS]);
    const available = all.flatMap((s) => (s.state === 'available' ? [s.engine] : []));
    expect(available).toMatchObject([
      { id: 'onnx-cpu', version: '1.2.3', device: 'Test CPU, 2 threads', gpu: false },
      { id: 'reference', version: '4.5.6', device: 'Test CPU, 1 thread', gpu: false },
    ]);
  });

  it('asks TensorFlow once for both of its engines', async () => {
    let asked = 0;
    const tensorflow = (): ReturnType<EngineProbes['tensorflow']> => {
      asked++;
      return Promise.resolve({ state: 'not-installed' });
    };
    await listEngines({ probes: fakeProbes({ tensorflow }) });
    expect(asked).toBe(1);
  });

  it('finds onnx-cpu and reference on this machine, at the versions that are installed', async () => {
    const all = await listEngines({
      probes: { tensorflow: () => Promise.resolve({ state: 'not-installed' }) },
    });
    const versions = all.flatMap((s) =>
      s.state === 'available' ? [[s.engine.id, s.engine.version]] : [],
    );
    // A GPU, where there is one, comes besides.
    expect(versions).toEqual(
      expect.arrayContaining([
        ['onnx-cpu', expect.stringMatching(/^\d+\.\d+\.\d+/)],
        ['reference', expect.stringMatching(/^\d+\.\d+\.\d+/)],
      ]),
    );
  });
});

describe('reasons', () => {
  const version = '4.22.0';
  const cases: [string, EngineId, Partial<EngineProbes>, RegExp][] = [
    [
      'onnxruntime does not load',
      'onnx-cpu',
      { onnxruntime: noOnnx },
      /did not load on linux-x64 \(GLIBC_2\.28 not found\); reinstall/,
    ],
    ['onnxruntime does not load', 'onnx-webgpu', { onnxruntime: noOnnx }, /did not load/],
    [
      'no provider in the binary',
      'onnx-webgpu',
      { onnxruntime: () => Promise.resolve({ version, providers: ['cpu'] }), arch: 'arm64' },
      /linux-arm64 contains no WebGPU provider/,
    ],
    [
      'no Vulkan loader',
      'onnx-webgpu',
      { vulkan: () => ({ loader: null, drivers: [] }) },
      /libvulkan\.so\.1.*install/,
    ],
    [
      'no Vulkan driver',
      'onnx-webgpu',
      { vulkan: () => ({ loader: '/l', drivers: [] }) },
      /no Vulkan driver.*VK_DRIVER_FILES/,
    ],
    [
      'a driver that does not work',
      'onnx-webgpu',
      {},
      /does not work with it \(No supported adapters\); update the GPU's driver, or choose onnx-cpu/,
    ],
    [
      'macOS needs no Vulkan',
      'onnx-webgpu',
      { platform: 'darwin', vulkan: () => ({ loader: null, drivers: [] }) },
      /does not work with it/,
    ],
    [
      'tfjs missing',
      'reference',
      { tfjsVersion: () => null },
      /@tensorflow\/tfjs is not installed/,
    ],
  ];
  it.each(cases)('%s: %s', async (_, id, changes, words) => {
    const reason = await reasonOf(id, changes);
    expect(reason).toMatch(words);
    expect(reason).toMatch(/\.$/);
    expect(reason).not.toContain('\n');
  });
});

describe('resolveEngine', () => {
  it('auto takes onnx-cpu, and reference where onnxruntime does not load', async () => {
    expect((await resolveEngine('auto', { probes: fakeProbes() })).id).toBe('onnx-cpu');
    const without = fakeProbes({ onnxruntime: noOnnx });
    expect((await resolveEngine('auto', { probes: without })).id).toBe('reference');
  });

  it('never falls back: a GPU engine without a GPU is an error with its reason', async () => {
    const error: unknown = await resolveEngine('tensorflow-gpu', { probes: fakeProbes() }).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(EngineUnavailableError);
    expect(error).toMatchObject({ code: 'engine-unavailable', id: 'tensorflow-gpu' });
  });

  it('auto with nothing at all says so', async () => {
    const probes = fakeProbes({ onnxruntime: noOnnx, tfjsVersion: () => null });
    await expect(resolveEngine('auto', { probes })).rejects.toThrow(/no engine works here/);
  });

  it('refuses an unknown name and lists the known ones', async () => {
    await expect(resolveEngine('cuda')).rejects.toThrow(UnknownEngineError);
    await expect(resolveEngine('cuda')).rejects.toThrow(
      "Unknown engine 'cuda': choose auto, tensorflow-gpu, tensorflow, onnx-cpu, onnx-webgpu, reference.",
    );
  });
});
