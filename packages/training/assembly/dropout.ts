/**
 * Dropout masks, four elements at a time, in AssemblyScript (a subset of TypeScript that compiles to WebAssembly with SIMD).
 * No allocation, no state, no bounds checks: pointers and sizes come from src/dropout-masks.ts, whose comment says what
 * is computed; test/dropout-masks.test.ts has the same in plain TypeScript.
 *
 * Compiled by `pnpm wasm` into src/generated/dropout-wasm.ts, which is committed; a test compiles it again and compares.
 */

/**
 * Writes float32 masks of images [n, channels / block, pixels, block] whose elements are numbered as [n, pixels, channels].
 *
 * @param out images * pixels * channels floats
 * @param block a multiple of 4 that divides `channels`
 */
export function draw(
  out: usize,
  images: i32,
  pixels: i32,
  channels: i32,
  block: i32,
  key0: i32,
  key1: i32,
  threshold: i32,
  keep: f32,
): void {
  const golden = i32x4.splat(0x9e3779b9);
  const lanes = i32x4.add(i32x4.mul(i32x4(0, 1, 2, 3), golden), i32x4.splat(key0));
  const second = i32x4.splat(key1);
  const m1 = i32x4.splat(0x85ebca6b);
  const m2 = i32x4.splat(0xc2b2ae35);
  const limit = i32x4.splat(threshold);
  const kept = f32x4.splat(keep);
  let to = out;
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c += block) {
      for (let p = 0; p < pixels; p++) {
        const first = (n * pixels + p) * channels + c;
        for (let b = 0; b < block; b += 4) {
          let x = i32x4.add(lanes, i32x4.splat((first + b) * <i32>0x9e3779b9));
          x = v128.xor(x, i32x4.shr_u(x, 16));
          x = v128.xor(i32x4.mul(x, m1), second);
          x = v128.xor(x, i32x4.shr_u(x, 13));
          x = i32x4.mul(x, m2);
          x = v128.xor(x, i32x4.shr_u(x, 16));
          v128.store(to, v128.andnot(kept, i32x4.lt_u(x, limit)));
          to += 16;
        }
      }
    }
  }
}
