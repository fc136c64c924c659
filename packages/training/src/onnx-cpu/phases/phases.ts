/**
 * What the two ways to compute the phases of a pooled first convolution (pooling.ts) have in common: a strided convolution
 * in the blocked layout where the channels fill whole blocks (blocked.ts), a matrix product anywhere else
 * (product.ts).
 */
import type { Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../../network/network.ts';
import type { Feature, Layout } from '../../graph/feature.ts';
import type { LoweringContext } from '../../graph/lowering.ts';

/** A phase: row and column in the pooling window. */
export type Offset = readonly [row: number, column: number];

export interface Phases {
  /** The layout that phases are in, and gradients must come in. */
  readonly layout: Layout;
  /** The convolution at one position of every pooling window, bias included. */
  phase(offset: Offset): Value;
  /**
   * By the kernel, [height, width, in, out] or any shape with its order, without the factor of the pixels.
   * @param gradients by each phase, in the order of `offsets`
   */
  kernelGradient(gradients: readonly Value[]): Value;
  /** By the bias, [out]. @param gradient by the maximum of the phases: each element is one phase's */
  biasGradient(gradient: Value): Value;
}

export type PhaseOptions = readonly [LoweringContext, Conv2dSpec, MaxPooling2dSpec, Feature];

/** All phases in order, row by row. */
export function offsets({ poolSize: [p, q] }: MaxPooling2dSpec): readonly Offset[] {
  return Array.from({ length: p * q }, (_, phase) => [Math.floor(phase / q), phase % q]);
}

/** Each phase's gradient with its place. @throws Error where one is missing */
export function withOffsets(
  pool: MaxPooling2dSpec,
  gradients: readonly Value[],
): readonly (readonly [Offset, Value])[] {
  return offsets(pool).map((offset, phase) => {
    const gradient = gradients[phase];
    if (!gradient) throw new Error('every phase has a gradient');
    return [offset, gradient];
  });
}

/** Height and width of the pixels under all phases of one window. */
export function patchSize(conv: Conv2dSpec, pool: MaxPooling2dSpec): [number, number] {
  return [conv.kernelSize[0] + pool.poolSize[0] - 1, conv.kernelSize[1] + pool.poolSize[1] - 1];
}

/** The convolution's kernel, times the factor that the pixels still lack: [height, width, in, out]. */
export function kernelOf(context: LoweringContext, conv: Conv2dSpec, factor: number): Value {
  const { g } = context;
  const kernel = context.weight(conv.kernel);
  return factor === 1 ? kernel : g.op('Mul', [kernel, g.scalar(factor)]);
}

/** The kernel at an offset of the patch, zeros around it: [patch height, patch width, in, out]. */
export function shiftedKernel(
  ...[context, conv, pool, input, [i, j]]: [...PhaseOptions, Offset]
): Value {
  const { g } = context;
  const [height, width] = patchSize(conv, pool);
  const after = [height - conv.kernelSize[0] - i, width - conv.kernelSize[1] - j];
  const kernel = kernelOf(context, conv, input.factor);
  return g.op('Pad', [kernel, g.ints([i, j, 0, 0, ...after, 0, 0])]);
}
