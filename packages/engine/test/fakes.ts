/** A machine on which every engine's parts are present; tests take parts away. */

import type { EngineProbes } from '../src/index.ts';

export function fakeProbes(changes: Partial<EngineProbes> = {}): EngineProbes {
  return {
    onnxruntime: () => Promise.resolve({ version: '1.2.3', providers: ['cpu', 'webgpu'] }),
    tensorflow: () => Promise.resolve({ state: 'not-installed' }),
    tfjsVersion: () => '4.5.6',
    vulkan: () => ({ loader: '/lib/libvulkan.so.1', drivers: ['/etc/vulkan/icd.d/gpu.json'] }),
    webgpu: () => Promise.resolve({ state: 'failed', message: 'No supported adapters.' }),
    processor: () => ({ model: 'Test CPU', threads: 8 }),
    platform: 'linux',
    arch: 'x64',
    ...changes,
  };
}
