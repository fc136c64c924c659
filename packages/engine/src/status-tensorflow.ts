/** The two engines on TensorFlow: what the probe found, in words a user can act on. */

import type { EngineProbes } from './probes.ts';
import type { EngineInfo, EngineStatus } from './types.ts';

type TensorflowId = 'tensorflow' | 'tensorflow-gpu';

const BUILD = 'pnpm engine:tensorflow --from DIR';

/** From Ampere on, float32 products round their inputs to TF32 unless told otherwise. */
const FIRST_TF32_CAPABILITY = 8;

/**
 * @param processor the CPU in words, with the number of threads.
 * @param env NVIDIA_TF32_OVERRIDE decides about a caveat.
 */
export async function tensorflowStatus(
  id: TensorflowId,
  probes: EngineProbes,
  processor: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<EngineStatus> {
  const missing = (reason: string): EngineStatus => ({ state: 'missing', id, reason });
  const found = await probes.tensorflow();
  switch (found.state) {
    case 'not-installed':
      return missing(
        'the optional package @tensorflow/tfjs-node-gpu is not installed; add it with pnpm add @tensorflow/tfjs-node-gpu@4.22.0.',
      );
    case 'no-addon':
    case 'no-library':
      return missing(
        `@tensorflow/tfjs-node-gpu ${found.version} is installed without its ` +
          `${found.state === 'no-addon' ? 'native addon' : 'TensorFlow library'} (${found.detail}); ` +
          `build it for a TensorFlow library on this machine with ${BUILD} (docs/gpu-tensorflow.md).`,
      );
    case 'failed':
      return missing(
        `@tensorflow/tfjs-node-gpu ${found.version} is installed but its library does not load ` +
          `(${found.message.replace(/\.$/, '')}); ${remedyFor(found.message)}.`,
      );
    case 'ready':
  }
  if (id === 'tensorflow-gpu' && found.gpu === null) {
    const cause = found.noGpu ?? 'no NVIDIA GPU was found';
    return missing(`TensorFlow ${found.tensorflow} loads but uses the CPU: ${cause}.`);
  }
  const gpu = id === 'tensorflow-gpu' ? found.gpu : null;
  const engine: EngineInfo = {
    id,
    library: '@tensorflow/tfjs-node-gpu',
    version: `${found.version} with TensorFlow ${found.tensorflow}`,
    device: gpu === null ? processor : gpu.name,
    gpu: gpu !== null,
    caveats: [
      'float32 sums may differ in their last digits between devices',
      ...(gpu === null ? [] : tf32Caveats(gpu.computeCapability, env)),
    ],
  };
  return { state: 'available', engine };
}

/** What to do about a library that is there and does not load. */
function remedyFor(message: string): string {
  if (message.includes('libtensorflow')) return `build the binding again with ${BUILD}`;
  if (/libcudart\.so\.11|libcublas\.so\.11|libcudnn\.so\.8/.test(message)) {
    return `its TensorFlow 2.9.1 wants CUDA 11.2 and cuDNN 8.1; install these, or use a newer TensorFlow with ${BUILD}`;
  }
  if (/GLIBC|CXXABI/.test(message)) {
    return `the library was made for a newer Linux than this; use an older TensorFlow with ${BUILD}`;
  }
  if (/invalid ELF|wrong architecture|mach-o/i.test(message)) {
    return `the addon is damaged or for another kind of processor; build it again with ${BUILD}`;
  }
  return `build it for a TensorFlow library on this machine with ${BUILD}`;
}

function tf32Caveats(
  computeCapability: number | null,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (computeCapability !== null && computeCapability < FIRST_TF32_CAPABILITY) return [];
  return env['NVIDIA_TF32_OVERRIDE'] === '0'
    ? ['float32 products are exact: TF32 is off (NVIDIA_TF32_OVERRIDE=0)']
    : [
        'float32 products round their inputs to TF32 (10 bits of mantissa); NVIDIA_TF32_OVERRIDE=0 gives exact float32',
      ];
}
