/** The kernels by name. */
import { checkOptions, mustBe } from '../checks.ts';
import { exactKernel } from './exact.ts';
import type { ExactKernelOptions } from './exact.ts';
import { expandedKernel } from './expanded.ts';
import type { CheckedKernel, DistanceKernelId } from './kernel.ts';
import { naiveKernel } from './naive.ts';
import { tensorflowKernel } from './tensorflow.ts';
import { webgpuKernel } from './webgpu.ts';

const kernels: Readonly<Record<DistanceKernelId, (options: ExactKernelOptions) => CheckedKernel>> =
  {
    naive: () => naiveKernel(),
    expanded: () => expandedKernel(),
    exact: (options) => exactKernel(options),
    tensorflow: ({ threads }) => tensorflowKernel({ device: 'cpu', threads }),
    'tensorflow-gpu': ({ threads }) => tensorflowKernel({ device: 'gpu', threads }),
    webgpu: () => webgpuKernel(),
  };

/** All kernels' names, those that need TensorFlow or a GPU last, the others slowest first. */
export const DISTANCE_KERNELS: readonly DistanceKernelId[] = [
  ...(['naive', 'expanded', 'exact'] as const),
  ...(['tensorflow', 'tensorflow-gpu', 'webgpu'] as const),
];

/** @throws KnnInputError 'option' for a name that is none. */
export function kernelOf(id: DistanceKernelId, options: ExactKernelOptions): CheckedKernel {
  const accepted = `one of ${DISTANCE_KERNELS.join(', ')}`;
  mustBe('The kernel', id, accepted, DISTANCE_KERNELS.includes(id), 'option');
  checkOptions('kernel', options);
  return kernels[id](options);
}
