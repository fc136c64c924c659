/** The product loop on the caller's thread: for the small products of a fit. */
import { KERNEL_WASM } from '../generated/kernel-wasm.ts';
import { compiledModule, instantiate } from '../threads/memory.ts';
import type { WasmMemory } from '../threads/memory.ts';

type Tile = (
  quad: number,
  octets: number,
  groups: number,
  pairs: number,
  out: number,
  stride: number,
) => void;

function isTile(f: unknown): f is Tile {
  return typeof f === 'function';
}

/** @param memory its own */
export function tileOn(memory: WasmMemory): Tile {
  const { tile } = instantiate(compiledModule(KERNEL_WASM), memory);
  if (!isTile(tile)) throw new Error('the compiled kernel exports no "tile"');
  return tile;
}
