/** The compiled hot loops (assembly/kernel.ts), typed, and instances of them. */
import { KERNEL_WASM } from '../generated/kernel-wasm.ts';

/** Linear memory that all instances share. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

/** Compiled code; opaque, but it may be posted to a worker. */
export interface WasmModule {
  readonly [Symbol.toStringTag]?: string;
}

/** What is used of the global, which neither lib.es2023 nor Node's types declare. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

let compiled: WasmModule | undefined;

/** Compiled once per process, on first use. */
export function kernelModule(): WasmModule {
  compiled ??= new WebAssembly.Module(Buffer.from(KERNEL_WASM, 'base64'));
  return compiled;
}

const PAGE_BYTES = 65_536;

/** WebAssembly's pointers have 32 bits. */
export const MAX_MEMORY_BYTES = 65_536 * PAGE_BYTES;

/** Shared memory of at least so many bytes; the kernel imports it. */
export function sharedMemory(bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

type Tile = (
  quad: number,
  octets: number,
  norms: number,
  groups: number,
  pairs: number,
  out: number,
  stride: number,
  shift: number,
) => void;

function isTile(f: unknown): f is Tile {
  return typeof f === 'function';
}

/** The product loop on this thread, over a memory of its own: for the small products of a fit. */
export function tileOn(memory: WasmMemory): Tile {
  const { tile } = new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports;
  if (!isTile(tile)) throw new Error('the compiled kernel exports no "tile"');
  return tile;
}
