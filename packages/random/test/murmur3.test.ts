import { expect, test } from 'vitest';
import { murmur3x86x128 } from '../src/murmur3.ts';

const MASK = 0xffff_ffffn;
const rotate = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (32n - r))) & MASK;
const mix = (start: bigint): bigint => {
  let h = start;
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & MASK;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & MASK;
  return h ^ (h >> 16n);
};

/** The published algorithm with its tail, on bytes, slow and obvious in BigInt. */
function slowMurmur(bytes: Uint8Array, seed: number): Uint8Array {
  const c = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const blockRotations = [19n, 17n, 15n, 13n];
  const blockConstants = [0x561ccd1bn, 0x0bcaa747n, 0x96cd1c35n, 0x32ac3b17n];
  const h = [0, 1, 2, 3].map(() => BigInt(seed));
  const at = (list: readonly bigint[], i: number): bigint => list[i % 4] ?? 0n;
  const scramble = (k: bigint, lane: number): bigint =>
    (rotate((k * at(c, lane)) & MASK, 15n + BigInt(lane)) * at(c, lane + 1)) & MASK;
  const word = (from: number, to: number): bigint => {
    let value = 0n;
    for (let i = to - 1; i >= from; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return value;
  };
  const whole = bytes.length - (bytes.length % 16);
  for (let block = 0; block < whole; block += 16) {
    for (let lane = 0; lane < 4; lane++) {
      const k = word(block + 4 * lane, block + 4 * lane + 4);
      const turned = rotate(at(h, lane) ^ scramble(k, lane), at(blockRotations, lane));
      h[lane] = ((turned + at(h, lane + 1)) * 5n + at(blockConstants, lane)) & MASK;
    }
  }
  for (let lane = 0; lane < 4; lane++) {
    const from = whole + 4 * lane;
    if (from < bytes.length) {
      h[lane] = at(h, lane) ^ scramble(word(from, Math.min(from + 4, bytes.length)), lane);
    }
  }
  const addUp = (): void => {
    h[0] = (at(h, 0) + at(h, 1) + at(h, 2) + at(h, 3)) & MASK;
    for (let lane = 1; lane < 4; lane++) h[lane] = (at(h, lane) + at(h, 0)) & MASK;
  };
  for (let lane = 0; lane < 4; lane++) h[lane] = at(h, lane) ^ BigInt(bytes.length);
  addUp();
  for (let lane = 0; lane < 4; lane++) h[lane] = mix(at(h, lane));
  addUp();
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  for (let lane = 0; lane < 4; lane++) view.setUint32(4 * lane, Number(at(h, lane)), true);
  return out;
}

test("the slow version has SMHasher's verification value, so it is the published hash", () => {
  const all = new Uint8Array(256 * 16);
  const key = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    key[i] = i;
    all.set(slowMurmur(key.subarray(0, i), 256 - i), i * 16);
  }
  expect(new DataView(slowMurmur(all, 0).buffer).getUint32(0, true)).toBe(0xb3ece62a);
});

test('the fast version agrees with it on whole blocks', () => {
  for (const [length, seed] of [
    [0, 0],
    [0, 1],
    [4, 42],
    [8, 0xffff_ffff],
    [40, 7],
  ] as const) {
    const words = Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const bytes = new Uint8Array(Int32Array.from(words).buffer);
    const expected = [...new Int32Array(slowMurmur(bytes, seed).buffer)];
    expect(murmur3x86x128(words, seed)).toEqual(expected);
  }
});
