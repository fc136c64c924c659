import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { packageJsonPath, packageVersion } from '../src/probe/package-version.ts';
import { probeTensorflow, type TensorflowProbe } from '../src/probe/tensorflow.ts';
import { probeVulkan } from '../src/probe/vulkan.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engine-test-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function touch(path: string, content = ''): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

describe('probeVulkan', () => {
  it('finds nothing on an empty machine', () => {
    expect(probeVulkan({}, root)).toEqual({ loader: null, drivers: [] });
  });

  it('finds the loader and the drivers in the usual folders', () => {
    const loader = touch('usr/lib/x86_64-linux-gnu/libvulkan.so.1');
    const etc = touch('etc/vulkan/icd.d/nvidia_icd.json');
    const share = touch('usr/share/vulkan/icd.d/lvp_icd.json');
    touch('usr/share/vulkan/icd.d/readme.txt');
    expect(probeVulkan({}, root)).toEqual({ loader, drivers: [etc, share] });
  });

  it.each(['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'])('%s replaces the search', (name) => {
    touch('etc/vulkan/icd.d/nvidia_icd.json');
    const own = touch('own/swiftshader.json');
    const env = { [name]: `${own}:${join(root, 'absent.json')}` };
    expect(probeVulkan(env, root).drivers).toEqual([own]);
    expect(probeVulkan({ [name]: join(root, 'own') }, root).drivers).toEqual([own]);
  });

  it('looks at LD_LIBRARY_PATH and at the home folder', () => {
    const loader = touch('gl/libvulkan.so.1');
    const driver = touch('home/.local/share/vulkan/icd.d/a.json');
    const env = { LD_LIBRARY_PATH: join(root, 'gl'), HOME: join(root, 'home') };
    expect(probeVulkan(env, root)).toEqual({ loader, drivers: [driver] });
  });
});

function messageOf(probe: TensorflowProbe): string {
  if (probe.state !== 'failed') throw new Error(`state is ${probe.state}`);
  return probe.message;
}

describe('probeTensorflow', () => {
  const never = (): Promise<never> => Promise.reject(new Error('must not be asked'));

  it('knows the four stages of an installation', async () => {
    expect(await probeTensorflow(null, never)).toEqual({ state: 'not-installed' });
    const json = touch('package.json', '{"version":"4.22.0"}');
    const version = '4.22.0';
    expect(await probeTensorflow(json, never)).toEqual({
      state: 'no-addon',
      version,
    });
    touch('lib/napi-v8/tfjs_binding.node');
    expect(await probeTensorflow(json, never)).toEqual({
      state: 'no-library',
      version,
    });
    touch('deps/lib/libtensorflow.so.2');
    const answer = 'noise\ntensorflow-probe:{"tensorflow":"2.9.1","gpu":true}\n';
    expect(await probeTensorflow(json, () => Promise.resolve(answer))).toEqual({
      state: 'ready',
      version,
      tensorflow: '2.9.1',
      gpu: true,
    });
  });

  it('keeps the sentence of a library that does not load', async () => {
    const json = touch('package.json', '{"version":"4.22.0"}');
    touch('lib/napi-v8/tfjs_binding.node', 'not a library');
    touch('deps/lib/libtensorflow.so.2');
    // The real child process, on a package folder without code in it.
    expect(messageOf(await probeTensorflow(json))).toMatch(/^Error: Cannot find module/);
    const silent = await probeTensorflow(json, () => Promise.resolve('nothing'));
    expect(messageOf(silent)).toMatch(/did not answer/);
  });
});

describe('packageVersion', () => {
  it('reads an installed package and gives null for an absent one', () => {
    const path = packageJsonPath('onnxruntime-node');
    expect(path === null ? null : packageVersion(path)).toMatch(/^\d+\.\d+\.\d+/);
    expect(packageJsonPath('no-such-package-here')).toBeNull();
  });

  it('refuses a package.json without a version', () => {
    expect(() => packageVersion(touch('package.json', '{}'))).toThrow(/has no version/);
  });
});
