/**
 * Dropout masks as arrays: 0 where an element is dropped, 1 / (1 - rate) where it stays (inverted dropout,
 * Srivastava et al. 2014). Fed to the graph, so that every engine drops the same elements.
 *
 * Element i (row-major over batch, rows, columns, channels) is dropped where a hash of i, as a number in [0, 2^32), is below
 * rate * 2^32. The hash is SplitMix (Steele, Lea and Flood 2014: a Weyl sequence, then a mixer) with MurmurHash3's 32-bit
 * mixer, keyed at two places by 64 bits that belong to (seed, layer, step):
 *
 *   x = key0 + i * 0x9e3779b9;  x ^= x >>> 16;  x *= 0x85ebca6b;  x ^= key1;  x ^= x >>> 13;  x *= 0xc2b2ae35;  x ^= x >>> 16
 *
 * So a mask depends on nothing that was drawn before, and its elements can be made in any order: in the blocked layout as
 * well, by WebAssembly SIMD, four at a time (assembly/dropout.ts).
 */
import { randomStream } from '@fashion-bench/random';
import { DROPOUT_WASM } from '../generated/dropout-wasm.ts';

/** Elements in blocks of channels: [n, channels / block, pixels, block] instead of [n, pixels, channels]. */
export interface BlockedOrder {
  readonly pixels: number;
  readonly channels: number;
  /** A multiple of 4 that divides `channels`. */
  readonly block: number;
}

/** Compiled code, opaque. */
interface WasmModule {
  readonly [Symbol.toStringTag]?: string;
}

/** What is used of the global, which neither lib.es2023 nor Node's types declare. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: { readonly buffer: ArrayBuffer } } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

type Draw = (
  ...numbers: [
    out: number,
    images: number,
    pixels: number,
    channels: number,
    block: number,
    key0: number,
    key1: number,
    threshold: number,
    keep: number,
  ]
) => void;

const PAGE = 65_536;
const LANES = 4;

let compiled: WasmModule | undefined;

function isDraw(value: unknown): value is Draw {
  return typeof value === 'function';
}

export class DropoutMask {
  /** The mask of a full batch; rewritten by `draw`. */
  readonly values: Float32Array;
  readonly #draw: Draw;
  readonly #shape: readonly [images: number, pixels: number, channels: number, block: number];
  readonly #threshold: number;
  readonly #keep: number;

  /**
   * @param size elements of a full batch.
   * @param rate share dropped, in (0, 1).
   * @param order row-major [n, rows, columns, channels] when left out.
   */
  constructor(size: number, rate: number, order?: BlockedOrder) {
    const padded = Math.ceil(size / LANES) * LANES;
    this.#shape = order
      ? [size / (order.pixels * order.channels), order.pixels, order.channels, order.block]
      : [1, 1, padded, padded];
    this.#threshold = Math.round(rate * 2 ** 32) | 0;
    this.#keep = 1 / (1 - rate);
    const memory = new WebAssembly.Memory({ initial: Math.ceil((padded * 4) / PAGE) });
    this.values = new Float32Array(memory.buffer, 0, size);
    compiled ??= new WebAssembly.Module(Buffer.from(DROPOUT_WASM, 'base64'));
    const { draw } = new WebAssembly.Instance(compiled, { env: { memory } }).exports;
    if (!isDraw(draw)) throw new Error('the dropout module exports no draw');
    this.#draw = draw;
  }

  /** Draws the mask of one step of one layer. */
  draw(seed: number, layer: number, step: number): void {
    const stream = randomStream(seed, 'dropout', layer, step);
    const [key0, key1] = [stream.nextUint32(), stream.nextUint32()];
    this.#draw(0, ...this.#shape, key0, key1, this.#threshold, this.#keep);
  }
}
