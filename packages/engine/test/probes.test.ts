import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { packageJsonPath, packageVersion } from '../src/probe/package-version.ts';
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
