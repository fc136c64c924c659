/** Gathers the images of batches into memory that is used again in the next run. */
import { types } from 'node:util';
import type { Batch, ImageArray, Labels } from '../trainer/trainer.ts';

export class BatchBuffers {
  readonly #images: ImageArray;
  readonly #labels: Labels;
  /** Numbers of `labels` for an image: 1 for classes. */
  readonly #width: number;
  readonly #size: number;
  readonly #batch: number;
  readonly #buffers: { readonly images: ImageArray; readonly labels: Labels }[] = [];

  /**
   * @param images [n, size]
   * @param labels [n], or targets [n, width]
   * @param batch images of a full batch
   */
  constructor(images: ImageArray, labels: Labels, size: number, batch: number) {
    this.#images = images;
    this.#labels = labels;
    this.#width = labels.length / (images.length / size);
    this.#size = size;
    this.#batch = batch;
  }

  /** Copies the images at these indices into buffer `i`; what the buffer held before is overwritten. */
  fill(i: number, indices: Uint32Array): Batch {
    const [size, width] = [this.#size, this.#width];
    const { images, labels } = (this.#buffers[i] ??= this.#newBuffer());
    indices.forEach((index, to) => {
      images.set(this.#images.subarray(index * size, (index + 1) * size), to * size);
      labels.set(this.#labels.subarray(index * width, (index + 1) * width), to * width);
    });
    return { images, labels, size: indices.length };
  }

  #newBuffer(): { readonly images: ImageArray; readonly labels: Labels } {
    const length = this.#batch * this.#size;
    return {
      images: types.isUint8Array(this.#images) ? new Uint8Array(length) : new Float32Array(length),
      labels: types.isUint8Array(this.#labels)
        ? new Uint8Array(this.#batch)
        : new Float32Array(this.#batch * this.#width),
    };
  }
}
