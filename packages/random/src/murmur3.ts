// MurmurHash3_x86_128 over whole blocks of four 32-bit words (Austin Appleby, 2011, public domain; SMHasher's
// MurmurHash3.cpp). It spreads a key over 128 bits; it is not a cryptographic hash and nothing here needs one.
// The published algorithm's handling of an incomplete last block is left out: the caller pads.

/** 128 bits, most significant meaning first as published: h1, h2, h3, h4, each a signed 32-bit integer. */
export type Hash128 = readonly [h1: number, h2: number, h3: number, h4: number];

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

/**
 * @param words 32-bit integers (only the low 32 bits count), as many as a multiple of 4.
 * @param seed 32 bits that all four lanes start from.
 */
export function murmur3x86x128(words: readonly number[], seed: number): Hash128 {
  let h1 = seed | 0;
  let h2 = h1;
  let h3 = h1;
  let h4 = h1;

  for (let i = 0; i + 3 < words.length; i += 4) {
    h1 ^= Math.imul(rotateLeft(Math.imul(words[i] ?? 0, C1), 15), C2);
    h1 = (Math.imul((rotateLeft(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotateLeft(Math.imul(words[i + 1] ?? 0, C2), 16), C3);
    h2 = (Math.imul((rotateLeft(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotateLeft(Math.imul(words[i + 2] ?? 0, C3), 17), C4);
    h3 = (Math.imul((rotateLeft(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotateLeft(Math.imul(words[i + 3] ?? 0, C4), 18), C1);
    h4 = (Math.imul((rotateLeft(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }

  const bytes = 4 * words.length;
  h1 ^= bytes;
  h2 ^= bytes;
  h3 ^= bytes;
  h4 ^= bytes;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h3 = avalanche(h3);
  h4 = avalanche(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  return [h1, (h2 + h1) | 0, (h3 + h1) | 0, (h4 + h1) | 0];
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** Murmur3's fmix32: every input bit flips every output bit with a probability near one half. */
function avalanche(x: number): number {
  let h = x;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
