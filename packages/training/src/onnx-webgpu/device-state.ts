/**
 * Weights and moments of a trainer on a device: they stay there from run to run, and are read back only when somebody asks.
 */
import {
  DeviceSession,
  GraphBuilder,
  type DeviceFeeds,
  type DeviceResults,
  type DeviceTensor,
  type TensorValue,
} from '@fashion-bench/onnx';

/** Flat vectors of one length: the weights, then the optimizer's slots. */
export type Vectors = readonly Float32Array[];

export class DeviceState {
  readonly #size: number;
  /** The vectors in memory, where they are up to date there. */
  #host: Vectors | undefined;
  /** The same on the device, once a run has made them. */
  #device: readonly DeviceTensor[] | undefined;
  #reader: Promise<DeviceSession> | undefined;

  /** @param vectors copied; [size] each. */
  constructor(vectors: Vectors) {
    this.#size = vectors[0]?.length ?? 0;
    this.#host = vectors.map((vector) => vector.slice());
  }

  /** How many vectors there are. */
  get count(): number {
    return (this.#device ?? this.#host ?? []).length;
  }

  /** What a run takes: on the device, or in memory before the first. */
  feeds(): DeviceFeeds {
    const values: readonly (DeviceTensor | TensorValue)[] =
      this.#device ?? (this.#host ?? []).map((data) => vector(data));
    return Object.fromEntries(values.map((value, i) => [inputName(i), value]));
  }

  /** Takes over what a run has made, and frees what it was made from. */
  replace({ device }: DeviceResults): void {
    const made = Array.from({ length: this.count }, (_, i) => {
      const tensor = device[outputName(i)];
      if (!tensor) throw new Error(`the graph has no output ${outputName(i)}`);
      return tensor;
    });
    this.#free();
    this.#device = made;
    this.#host = undefined;
  }

  /** Copies, [size] each; waits for all runs. */
  async read(): Promise<Vectors> {
    this.#host ??= await this.#readDevice();
    return this.#host.map((data) => data.slice());
  }

  /** Puts other vectors in the place of these, as many and as long. */
  set(vectors: Vectors): void {
    this.#free();
    this.#host = vectors.map((data) => data.slice());
  }

  async dispose(): Promise<void> {
    this.#free();
    await (await this.#reader)?.dispose();
  }

  #free(): void {
    for (const tensor of this.#device ?? []) tensor.dispose();
    this.#device = undefined;
  }

  async #readDevice(): Promise<Vectors> {
    this.#reader ??= DeviceSession.create(...reader(this.count, this.#size));
    const { host } = await (await this.#reader).run(this.feeds());
    return Array.from({ length: this.count }, (_, i) => {
      const data = host[outputName(i)]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`${outputName(i)} was not read back`);
      return data;
    });
  }
}

function inputName(index: number): string {
  return index === 0 ? 'weights' : `slot${index - 1}`;
}

function outputName(index: number): string {
  return index === 0 ? 'newWeights' : `newSlot${index - 1}`;
}

function vector(data: Float32Array): TensorValue {
  return { dtype: 'float32', shape: [data.length], data };
}

/** An Identity for each vector: the only safe way back from a device. */
function reader(count: number, size: number): Parameters<typeof DeviceSession.create> {
  const g = new GraphBuilder('read back');
  const names = Array.from({ length: count }, (_, i) => {
    g.output(outputName(i), g.op('Identity', [g.input(inputName(i), 'float32', [size])]));
    return outputName(i);
  });
  return [g.build(), { host: names }];
}
