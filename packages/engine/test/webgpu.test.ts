import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { probeVulkan } from '../src/probe/vulkan.ts';
import { type ChildOutput, isSoftware, probeWebgpu, webgpuChild } from '../src/probe/webgpu.ts';
import {
  EngineUnavailableError,
  listEngines,
  resolveEngine,
  type WebgpuProbe,
} from '../src/index.ts';
import { fakeProbes } from './fakes.ts';

const RESULT = 'webgpu-probe:7,10,15,22\n';

function probeOf(output: Partial<ChildOutput>): Promise<WebgpuProbe> {
  return probeWebgpu({}, () => Promise.resolve({ ended: true, stdout: '', stderr: '', ...output }));
}

/** What the loader of Debian 12 writes: a line for each device that it lists, then the one that is opened. */
const LOADER_LOG = `INFO | DRIVER:               [0] llvmpipe (LLVM 15.0.6)
INFO | DRIVER:               [1] NVIDIA H100 80GB HBM3
DRIVER | LAYER:          Using "NVIDIA H100 80GB HBM3" with driver: "/usr/lib/libGLX_nvidia.so.0"
`;

describe('probeWebgpu', () => {
  it('takes the name and the driver of the device that was opened', async () => {
    const found = await probeOf({ stdout: `noise\n${RESULT}`, stderr: LOADER_LOG });
    expect(found).toMatchObject({ state: 'works', device: { name: 'NVIDIA H100 80GB HBM3' } });
    const driver = found.state === 'works' ? found.device.driver : '';
    expect(driver).toMatch(/^\/usr\/lib\/libGLX_nvidia\.so\.0(, NVIDIA \d+\.[\d.]+)?$/);
  });

  it('works without a name where nothing says it', async () => {
    expect(await probeOf({ stdout: RESULT })).toEqual({
      state: 'works',
      device: { name: null, driver: null },
    });
  });

  it.each([
    [
      { ended: false, stderr: 'x\nwebgpu-error:No supported adapters.\n' },
      'No supported adapters.',
    ],
    [{ ended: false }, 'the process that tried it was ended by the driver, or hung'],
    [{ stdout: 'webgpu-probe:7,10,15,0\n' }, 'a product of two small matrices came out wrong'],
    [
      { ended: false, stdout: RESULT },
      'the process that tried it was ended by the driver, or hung',
    ],
  ])('says why it does not work: %j', async (output, message) => {
    expect(await probeOf(output)).toEqual({ state: 'failed', message });
  });

  it('runs a child whose model and product are right, and which leaves nothing behind: the same one on the processor', async () => {
    const home = mkdtempSync(join(tmpdir(), 'engine-test-'));
    // Without CI, which alone would keep onnxruntime's telemetry off.
    const env = { PATH: process.env['PATH'], HOME: home, XDG_CACHE_HOME: home, TMPDIR: home };
    const output = await webgpuChild('cpu')(env);
    expect(output).toMatchObject({ ended: true, stdout: RESULT });
    expect(readdirSync(home)).toEqual([]);
    rmSync(home, { recursive: true });
  });

  it('a machine without a driver is a failure in words, and soon over', async () => {
    const env = { PATH: process.env['PATH'], VK_DRIVER_FILES: '/nowhere.json' };
    expect(await probeWebgpu(env)).toMatchObject({ state: 'failed' });
  });
});

describe('software drivers', () => {
  const engineWith = (name: string, driver: string): Parameters<typeof listEngines>[0] => ({
    probes: fakeProbes({
      tensorflow: () => Promise.resolve({ state: 'not-installed' }),
      webgpu: () => Promise.resolve({ state: 'works', device: { name, driver } }),
    }),
  });

  it.each([
    ['SwiftShader Device (Subzero)', './libvk_swiftshader.so', true],
    ['llvmpipe (LLVM 15.0.6, 256 bits)', 'libvulkan_lvp.so', true],
    ['NVIDIA H100 80GB HBM3', 'libGLX_nvidia.so.0', false],
    ['AMD Radeon RX 7900 XTX (RADV NAVI31)', 'libvulkan_radeon.so', false],
  ])('%s is software: %s %s', (name, driver, software) => {
    expect(isSoftware({ name, driver })).toBe(software);
  });

  it('auto takes a GPU, and never a driver that computes on the processor, which says so', async () => {
    const hardware = engineWith('NVIDIA H100', 'libGLX_nvidia.so.0');
    const software = engineWith('SwiftShader Device (Subzero)', './libvk_swiftshader.so');
    expect(await resolveEngine('onnx-webgpu', hardware)).toMatchObject({
      ...{ gpu: true, device: 'NVIDIA H100', driver: 'libGLX_nvidia.so.0' },
    });
    const named = await resolveEngine('onnx-webgpu', software);
    expect(named.gpu).toBe(false);
    expect(named.caveats.join('; ')).toContain('no GPU, for tests only');
    expect((await resolveEngine('auto', hardware)).id).toBe('onnx-webgpu');
    expect((await resolveEngine('auto', software)).id).toBe('onnx-cpu');
  });
});

describe('on this machine', () => {
  const { loader, drivers } = probeVulkan(process.env);
  const linux = process.platform === 'linux';
  const absent = linux && (loader === null || drivers.length === 0);

  it.skipIf(!absent)('asking by name for what is not there fails with the reason', async () => {
    const error: unknown = await resolveEngine('onnx-webgpu').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(EngineUnavailableError);
    expect(error).toHaveProperty('message', expect.stringMatching(/no Vulkan (loader|driver)/));
  });

  it.skipIf(absent || !linux)(
    'the device has a name and a driver, or the reason is given',
    async () => {
      const found = await probeWebgpu();
      if (found.state === 'failed') expect(found.message).not.toBe('');
      else expect([found.device.name, found.device.driver]).not.toContain(null);
    },
  );
});
