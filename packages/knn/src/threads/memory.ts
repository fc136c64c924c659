/** Compiled loops (assembly/) and the memory that all threads share. */
import { KnnError } from '../errors.ts';

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

const compiled = new Map<string, WasmModule>();

/** Compiled once per process, on first use. @param base64 one of the constants in src/generated. */
export function compiledModule(base64: string): WasmModule {
  const known = compiled.get(base64);
  if (known) return known;
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  compiled.set(base64, module);
  return module;
}

const PAGE_BYTES = 65_536;

/** WebAssembly's pointers have 32 bits. */
export const MAX_MEMORY_BYTES = 65_536 * PAGE_BYTES;

/** Shared memory of at least so many bytes; the kernel imports it. */
export function sharedMemory(bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
}

/** As `sharedMemory`. @throws KnnError 'memory' where the system refuses. */
export function allocateShared(bytes: number): WasmMemory {
  try {
    return sharedMemory(bytes);
  } catch (cause) {
    throw new KnnError(
      'memory',
      `The search needs ${bytes} bytes of memory, which the system refused.`,
      { cause },
    );
  }
}

/** An instance on this thread. @returns what it exports */
export function instantiate(
  module: WasmModule,
  memory: WasmMemory,
): Readonly<Record<string, unknown>> {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}
