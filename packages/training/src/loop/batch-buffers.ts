/** Gathers the images of batches into memory that is used again in the next run. */
import { types } from 'node:util';
import type { Batch, ImageArray } from '../trainer/trainer.ts';

export class BatchBuffers {
  readonly #images: ImageArray;
  readonly #labels: Uint8Array;
  readonly #size: number;
  readonly #batch: number;
  readonly #buffers: { readonly images: ImageArray; readonly labels: Uint8Array }[] = [];

  /**
   * @param images [n, size]
   * @param labels [n]
   * @param batch images of a full batch
   */
  constructor(images: ImageArray, labels: Uint8Array, size: number, batch: number) {
    this.#images = images;
    this.#labels = labels;
    this.#size = size;
    this.#batch = batch;
  }

  /** Copies the images at these indices into buffer `i`; what the buffer held before is overwritten. */
  fill(i: number, indices: Uint32Array): Batch {
    const size = this.#size;
    const { images, labels } = (this.#buffers[i] ??= this.#newBuffer());
    indices.forEach((index, to) => {
      images.set(this.#images.subarray(index * size, (index + 1) * size), to * size);
      labels[to] = this.#labels[index]!;
    });
    return { images, labels, size: indices.length };
  }

  #newBuffer(): { readonly images: ImageArray; readonly labels: Uint8Array } {
    const length = this.#batch * this.#size;
    return {
      images: types.isUint8Array(this.#images) ? new Uint8Array(length) : new Float32Array(length),
      labels: new Uint8Array(this.#batch),
    };
  }
}
