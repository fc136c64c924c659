/** One function per engine: what the probes found, turned into a status with words a user can act on. */

import { isSoftware } from './probe/webgpu.ts';
import type { EngineProbes } from './probes.ts';
import { tensorflowStatus } from './status-tensorflow.ts';
import type { EngineId, EngineInfo, EngineStatus } from './types.ts';

const USE_INSTEAD = 'choose onnx-cpu or reference instead';

function missing(id: EngineId, reason: string): EngineStatus {
  return { state: 'missing', id, reason };
}

function available(engine: EngineInfo): EngineStatus {
  return { state: 'available', engine };
}

/** First line, without a final full stop, so that it fits inside a sentence. */
function clause(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').trim().replace(/\.$/, '');
}

function device(probes: EngineProbes, threads: number | undefined): string {
  const { model, threads: all } = probes.processor();
  const used = threads ?? all;
  return `${model}, ${used} ${used === 1 ? 'thread' : 'threads'}`;
}

async function onnxCpu(probes: EngineProbes, threads?: number): Promise<EngineStatus> {
  try {
    const { version } = await probes.onnxruntime();
    return available({
      id: 'onnx-cpu',
      library: 'onnxruntime-node',
      version,
      device: device(probes, threads),
      gpu: false,
      caveats: ['float32 sums may differ in their last digits between processors'],
    });
  } catch (error) {
    return missing(
      'onnx-cpu',
      `onnxruntime-node did not load on ${probes.platform}-${probes.arch} (${clause(error)}); reinstall the packages, ` +
        'or use a platform it has a binary for: Linux with glibc 2.28 or newer, Windows, or macOS on Apple silicon.',
    );
  }
}

async function onnxWebgpu(probes: EngineProbes): Promise<EngineStatus> {
  const id = 'onnx-webgpu';
  let providers: readonly string[];
  let version: string;
  try {
    ({ providers, version } = await probes.onnxruntime());
  } catch (error) {
    return missing(id, `onnxruntime-node did not load (${clause(error)}); reinstall the packages.`);
  }
  if (!providers.includes('webgpu')) {
    return missing(
      id,
      `the onnxruntime-node binary for ${probes.platform}-${probes.arch} contains no WebGPU provider; ${USE_INSTEAD}.`,
    );
  }
  if (probes.platform === 'linux') {
    const { loader, drivers } = probes.vulkan();
    if (loader === null) {
      return missing(
        id,
        "no Vulkan loader (libvulkan.so.1) was found; install the system package libvulkan1 and the GPU's driver.",
      );
    }
    if (drivers.length === 0) {
      return missing(
        id,
        "no Vulkan driver was found; install the GPU's driver, or point VK_DRIVER_FILES at its ICD file (.json).",
      );
    }
  }
  const found = await probes.webgpu();
  if (found.state === 'failed') {
    return missing(
      id,
      `a driver was found, but the WebGPU provider does not work with it (${clause(found.message)}); update the GPU's driver, or ${USE_INSTEAD}.`,
    );
  }
  const { name, driver } = found.device;
  const software = isSoftware(found.device);
  return available({
    id,
    library: 'onnxruntime-node',
    version,
    device:
      name ?? `the system's default GPU on ${probes.platform}, whose name onnxruntime does not say`,
    ...(driver === null ? {} : { driver }),
    gpu: !software,
    caveats: [
      'float32 sums differ in their last digits between devices and drivers',
      ...(software
        ? ['this driver computes on the processor: no GPU, for tests only, and auto never takes it']
        : []),
    ],
  });
}

function reference(probes: EngineProbes): EngineStatus {
  const version = probes.tfjsVersion();
  if (version === null) {
    return missing(
      'reference',
      'the package @tensorflow/tfjs is not installed; reinstall the packages.',
    );
  }
  return available({
    id: 'reference',
    library: '@tensorflow/tfjs',
    version,
    device: device(probes, 1),
    gpu: false,
    caveats: ['plain JavaScript on one thread: slow, meant for checking the others'],
  });
}

/**
 * @param threads threads that the caller will give to the engine; only the device's words depend on it.
 * @param env decides about caveats.
 */
export function engineStatus(
  id: EngineId,
  probes: EngineProbes,
  threads: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineStatus> {
  switch (id) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return tensorflowStatus(id, probes, device(probes, threads), env);
    case 'onnx-cpu':
      return onnxCpu(probes, threads);
    case 'onnx-webgpu':
      return onnxWebgpu(probes);
    case 'reference':
      return Promise.resolve(reference(probes));
  }
}
