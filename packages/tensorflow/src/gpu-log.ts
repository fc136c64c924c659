/**
 * What TensorFlow writes about GPUs when it starts, read back: the C API has no question for it. The wordings are those
 * of TensorFlow 2.9 (tensorflow/stream_executor, core/common_runtime/gpu/gpu_device.cc) to 2.21 (xla/stream_executor).
 */
import type { Environment } from './binding-folder.ts';

export interface GpuFacts {
  /** Such as NVIDIA H100 80GB HBM3. */
  readonly name: string;
  /** CUDA's number of the generation, such as 9.0; null where TensorFlow did not say. */
  readonly computeCapability: number | null;
}

/** Of the last "Created device … GPU": the addon takes the last one listed. */
export function gpuOf(log: string): GpuFacts {
  const lines = [
    ...log.matchAll(/device: \d+, name: ([^,]+), pci bus id:.*?compute capability: (\d+\.\d+)/g),
  ];
  const last = lines.at(-1);
  return {
    name: last?.[1]?.trim() ?? 'NVIDIA GPU',
    computeCapability: last?.[2] === undefined ? null : Number(last[2]),
  };
}

/** One clause with what to do. */
export function noGpuCause(log: string, env: Environment): string {
  const visible = env['CUDA_VISIBLE_DEVICES'];
  if (visible !== undefined && !/^\s*(\d|GPU-|MIG-)/.test(visible)) {
    return `CUDA_VISIBLE_DEVICES='${visible}' hides every GPU; unset it`;
  }
  const libraries = [...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map(
    ([, name]) => name ?? '',
  );
  if (libraries.includes('libcuda.so.1') || /Could not find cuda drivers/i.test(log)) {
    return "the NVIDIA driver's library libcuda.so.1 was not found; install the driver (nvidia-smi must list the GPU)";
  }
  const cuInit = /failed call to cuInit: ([^\n]+)/.exec(log)?.[1];
  if (cuInit !== undefined) {
    return `the NVIDIA driver reports ${cuInit.trim().replace(/\.$/, '')}; check nvidia-smi and restart after a driver update`;
  }
  if (libraries.some((name) => name.startsWith('libcudart.so.11'))) {
    return (
      `it wants CUDA 11.2 and cuDNN 8.1 (not found: ${libraries.join(', ')}); install these, ` +
      'or build the binding for a newer TensorFlow with pnpm engine:tensorflow --from DIR'
    );
  }
  if (libraries.length > 0 || log.includes('Cannot dlopen some GPU libraries')) {
    const names = libraries.length > 0 ? ` (not found: ${libraries.join(', ')})` : '';
    return `some CUDA libraries are missing${names}; pip install "tensorflow[and-cuda]" brings them beside the library`;
  }
  const ignored = /Ignoring visible gpu device[^\n]*/.exec(log)?.[0];
  if (ignored !== undefined)
    return `TensorFlow left the GPU out: ${ignored.trim().replace(/\.$/, '')}`;
  return 'this TensorFlow library is built for the CPU, or the machine has no NVIDIA GPU; build the binding for a GPU build (pip install "tensorflow[and-cuda]")';
}
