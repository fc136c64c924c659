/**
 * Packages that single kernels need and the others do not: optional peers of this package, loaded when such a kernel is
 * prepared. Nothing imports them statically, so that bundlers and Node find this package whole without them.
 */
import { systemCode } from '@fashion-bench/files';
import { KnnError } from '../errors.ts';
import type { DistanceKernelId } from './kernel.ts';

/** The package @fashion-bench/onnx. */
export type Onnx = typeof import('@fashion-bench/onnx');

/** @fashion-bench/onnx, with onnxruntime-node loaded. @throws KnnError 'missing-package' where one is not installed. */
export async function loadOnnx(kernel: DistanceKernelId): Promise<Onnx> {
  const refuse = missing(kernel, '@fashion-bench/onnx onnxruntime-node');
  const onnx = await import('@fashion-bench/onnx').catch(refuse);
  await onnx.loadOnnxruntime().catch(refuse);
  return onnx;
}

/**
 * A handler for the failed import of a package, which throws KnnError 'missing-package' where the package is not there, else
 * what it got. The line to type leaves scripts out: those of native packages download what is not used here, such as CUDA.
 */
export function missing(kernel: DistanceKernelId, packages: string): (cause: unknown) => never {
  return (cause) => {
    const inner = cause instanceof Error ? cause.cause : undefined;
    if (![cause, inner].some((error) => systemCode(error) === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new KnnError(
      'missing-package',
      `The kernel ${kernel} needs ${packages.replace(' ', ' and ')}, which this package does not bring along; run "npm install --ignore-scripts ${packages}".`,
      { cause },
    );
  };
}
