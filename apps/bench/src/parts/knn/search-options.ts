/** What both protocols of k-NN share: how an engine searches, and how ties are settled. */

import type { KNeighborsClassifierOptions } from '@fashion-bench/knn';

export const TIE_RULE =
  'equal distances: the lower training row is the neighbour; equal votes: the smallest label wins';

/**
 * What an engine means for a search. `auto` leaves the choice of the algorithm to the classifier; an engine
 * asked for by name does all the arithmetic itself.
 */
export function searchOptions(
  asked: string,
  resolved: string,
): Pick<KNeighborsClassifierOptions, 'algorithm' | 'kernel'> {
  if (resolved === 'reference') return { algorithm: 'brute', kernel: 'expanded' };
  if (asked === 'tensorflow' || asked === 'tensorflow-gpu') {
    return { algorithm: 'brute', kernel: asked };
  }
  if (asked === 'onnx-webgpu') return { algorithm: 'brute', kernel: 'webgpu' };
  return asked === 'auto' ? { algorithm: 'auto' } : { algorithm: 'brute', kernel: 'exact' };
}

/** Whose arithmetic a plain search was: `auto` may have resolved to an engine that only trains the network. */
export function engineOfKernel(kernel: string, resolved: string): string {
  return kernel === 'exact' ? 'onnx-cpu' : resolved;
}
