/**
 * The hot loops of the searches by squared distance, in AssemblyScript (a subset of TypeScript that compiles to WebAssembly
 * with SIMD).
 *
 * It is not a library: no allocation, no state, no bounds checks. Every pointer comes from src/pruned/layout.ts. All
 * arithmetic that decides is on integers; the few float64 steps are covered by the margins (src/pruned/embedding.ts has
 * the proof).
 *
 * Compiled by `pnpm wasm` into src/generated/kernel-wasm.ts, which is committed; a test of tooling/wasm compiles it again
 * and compares.
 */
export { embedKeys, embedSlots } from './embed';
export { tile } from './product';
export { lengths, quantiseQueries, quantiseRows } from './quantise';
export { scan } from './scan';
export { search } from './search';
