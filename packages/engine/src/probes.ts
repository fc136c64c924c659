/** All questions that the list of engines asks of the machine, in one record so that tests can answer them. */

import { availableParallelism, cpus } from 'node:os';

import { type OnnxruntimeProbe, probeOnnxruntime } from './probe/onnxruntime.ts';
import { packageJsonPath, packageVersion } from './probe/package-version.ts';
import { probeTensorflow, type TensorflowProbe } from './probe/tensorflow.ts';
import { probeVulkan, type VulkanProbe } from './probe/vulkan.ts';
import { probeWebgpu, type WebgpuProbe } from './probe/webgpu.ts';

export interface EngineProbes {
  /** Rejects with the loader's message when onnxruntime-node does not load. */
  onnxruntime(): Promise<OnnxruntimeProbe>;
  tensorflow(): Promise<TensorflowProbe>;
  /** The installed version of @tensorflow/tfjs, or null. */
  tfjsVersion(): string | null;
  vulkan(): VulkanProbe;
  /** Tries the WebGPU provider; asked only where a driver was found. */
  webgpu(): Promise<WebgpuProbe>;
  processor(): { readonly model: string; readonly threads: number };
  readonly platform: string;
  readonly arch: string;
}

/** The real machine. `env` is read for the variables that the README names, and is the environment of the child that tries a GPU's driver. */
export function machineProbes(
  env: Readonly<Record<string, string | undefined>> = process.env,
): EngineProbes {
  return {
    onnxruntime: probeOnnxruntime,
    tensorflow: () => probeTensorflow(env),
    tfjsVersion: () => {
      const path = packageJsonPath('@tensorflow/tfjs');
      return path === null ? null : packageVersion(path);
    },
    vulkan: () => probeVulkan(env),
    webgpu: () => probeWebgpu(env),
    processor: () => ({
      model: cpus()[0]?.model.trim() ?? 'unknown processor',
      threads: availableParallelism(),
    }),
    platform: process.platform,
    arch: process.arch,
  };
}
