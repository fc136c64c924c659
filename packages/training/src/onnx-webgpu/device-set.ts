/** A training set in the memory of a device, from which batches are taken by index. */
import { types } from 'node:util';
import { DeviceSession, GraphBuilder, type DeviceTensor } from '@fashion-bench/onnx';
import type { ImageArray } from '../trainer/trainer.ts';

export class DeviceSet {
  readonly images: DeviceTensor;
  readonly labels: DeviceTensor;

  /** Owns the memory of both. */
  readonly #session: DeviceSession;

  private constructor(session: DeviceSession, images: DeviceTensor, labels: DeviceTensor) {
    this.#session = session;
    this.images = images;
    this.labels = labels;
  }

  /** @param images [n * pixels]. @param labels [n]. */
  static async upload(images: ImageArray, labels: Uint8Array): Promise<DeviceSet> {
    const count = labels.length;
    const dtype = types.isUint8Array(images) ? 'uint8' : 'float32';
    const g = new GraphBuilder('upload');
    // A Reshape takes every dtype, where an Identity has no kernel for uint8.
    const flat = g.input('images', dtype, [images.length]);
    g.output('set', g.reshape(flat, [count, images.length / count]));
    g.output('ids', g.op('Identity', [g.input('labels', 'int32', [count])]));
    const session = await DeviceSession.create(g.build());
    const { device } = await session.run({
      images: types.isUint8Array(images)
        ? { dtype: 'uint8', shape: [images.length], data: images }
        : { dtype: 'float32', shape: [images.length], data: images },
      labels: { dtype: 'int32', shape: [count], data: Int32Array.from(labels) },
    });
    const { set, ids } = device;
    if (!set || !ids) throw new Error('the upload left nothing on the device');
    return new DeviceSet(session, set, ids);
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }
}
