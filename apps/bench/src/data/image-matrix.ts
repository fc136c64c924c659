/** Images as a search and a distance kernel take them. */

import { IMAGE_SIZE } from '@fashion-bench/dataset';
import { type Matrix, matrix } from '@fashion-bench/knn';

/** The first images, one in a row of 784 pixels; not copied. @param rows default: all of them */
export function imageMatrix(
  images: Uint8Array,
  rows: number = images.length / IMAGE_SIZE,
): Matrix<Uint8Array> {
  return matrix(images.subarray(0, rows * IMAGE_SIZE), rows, IMAGE_SIZE);
}
