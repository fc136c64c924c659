// A set cut into batches: in its own order as views of its memory, in any other order by copying whole images.

import { permutation, randomStream } from '@fashion-bench/random';
import { checkArrays, checkOrder, isWhole, mustBe } from './checks.ts';
import { DatasetError } from './errors.ts';
import { imageCount } from './subset.ts';
import { IMAGE_SIZE } from './types.ts';
import type { LabelledImages } from './types.ts';

/** Some images in a row of the order asked for. */
export interface Batch {
  /** [size * 784] */
  readonly images: Uint8Array;
  /** [size] */
  readonly labels: Uint8Array;
  /** Position of the first image in the order. */
  readonly start: number;
  readonly size: number;
}

/** Memory of the caller for one batch. */
export interface BatchBuffer {
  /** [at least count * 784] */
  readonly images: Uint8Array;
  /** [at least count] */
  readonly labels: Uint8Array;
}

/**
 * All batches of a set; the last one may be smaller. Without `order` they are views of the set's memory, nothing is
 * copied. With `order` each batch is a fresh copy (use gatherInto to reuse memory).
 *
 * @param order image numbers, each in 0..n-1; as many images come as it is long.
 * @throws DatasetError 'limit' unless batchSize is a whole number from 1 to the number of images that come; 'argument'
 * for a number in `order` outside the set, when its batch is reached.
 */
export function batches(
  set: LabelledImages,
  batchSize: number,
  order?: Uint32Array,
): Generator<Batch, void, void> {
  const total = imageCount(set);
  if (order !== undefined) checkOrder(order);
  const count = order?.length ?? total;
  const accepted = `a whole number from 1 to ${count}, the number of images`;
  mustBe('The batch size', batchSize, accepted, isWhole(batchSize, 1, count), 'limit');
  return cut(set, batchSize, count, order);
}

function* cut(
  set: LabelledImages,
  batchSize: number,
  count: number,
  order: Uint32Array | undefined,
): Generator<Batch, void, void> {
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start);
    if (order === undefined) {
      const images = set.images.subarray(start * IMAGE_SIZE, (start + size) * IMAGE_SIZE);
      yield { images, labels: set.labels.subarray(start, start + size), start, size };
    } else {
      const images = new Uint8Array(size * IMAGE_SIZE);
      const labels = new Uint8Array(size);
      gatherInto({ images, labels }, set, order, start, size);
      yield { images, labels, start, size };
    }
  }
}

/**
 * Copies the images and labels numbered indices[offset] .. indices[offset + count - 1] to the beginning of `out`.
 * Allocates nothing that outlives the call.
 *
 * @throws DatasetError 'argument' when the range leaves `indices`, an index leaves the set or `out` is too small.
 */
export function gatherInto(
  out: BatchBuffer,
  set: LabelledImages,
  indices: Uint32Array,
  offset: number,
  count: number,
): void {
  const total = imageCount(set);
  checkArrays('The buffer', out);
  checkOrder(indices);
  const { length } = indices;
  const within = `a whole number from 0 to the ${length} of the order`;
  mustBe('The offset', offset, within, isWhole(offset, 0, length));
  const left = length - offset;
  const accepted = `a whole number from 0 to the ${left} that the order has from position ${offset} on`;
  mustBe('The number of images', count, accepted, isWhole(count, 0, left));
  if (out.images.length < count * IMAGE_SIZE || out.labels.length < count) {
    throw new DatasetError(
      'argument',
      `A buffer for ${out.labels.length} labels and ${out.images.length} bytes of images is too small for ${count} images.`,
    );
  }
  const { images, labels } = set;
  for (let to = 0; to < count; to++) {
    const from = indices[offset + to]!;
    if (from >= total) {
      throw new DatasetError(
        'argument',
        `The order asks for image ${from} at position ${offset + to}, but the set has images 0 to ${total - 1}.`,
      );
    }
    const start = from * IMAGE_SIZE;
    out.images.set(images.subarray(start, start + IMAGE_SIZE), to * IMAGE_SIZE);
    out.labels[to] = labels[from]!;
  }
}

/**
 * The numbers 0..count-1 in the order of one epoch, [count]; another for every seed and epoch, the same whoever asks.
 *
 * @throws RandomError of \@fashion-bench/random for a seed, count or epoch that is out of range.
 */
export function shuffledOrder(count: number, seed: number, epoch = 0): Uint32Array {
  return permutation(count, randomStream(seed, 'shuffle', epoch));
}
