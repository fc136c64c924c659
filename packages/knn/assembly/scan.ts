/**
 * Every row against every query: what is left to do where nothing can be pruned. Products of bytes in int16 and int32, four
 * rows with all queries of a call at once; what their distance does not rule out is taken.
 */
import { clearBest, settle, take } from './best';
import { packQuad, tile } from './product';
import { Index, Scratch } from './structs';

/** The first `count` queries of the scratch: their k nearest rows, nearest first, equals by lower row. */
export function scan(indexAt: usize, scratchAt: usize, count: i32, k: i32): void {
  const index = changetype<Index>(indexAt);
  const scratch = changetype<Scratch>(scratchAt);
  const padded = (count + 7) & ~7;
  clearBest(scratch, count, k);
  // Nothing is near enough to a query that only fills the last eight: a squared distance is at least 0.
  for (let q = <usize>count; q < <usize>padded; q++) store<i32>(scratch.limits + (q << 2), -1);
  packOctets(index, scratch, padded);
  const bytes = index.rowBytes;
  for (let slot = 0; slot < index.slots; slot += 4) {
    const source = index.data + <usize>slot * bytes;
    packQuad(source, bytes, index.center, scratch.quad, scratch.quadNorms);
    tile(scratch.quad, scratch.octets, padded >> 3, bytes >> 1, scratch.products, padded << 2);
    const rows = min(4, index.count - slot);
    for (let r = 0; r < rows; r++) follow(index, scratch, slot + r, r, padded, k);
  }
}

/** One row: queries that it may be near to. */
function follow(index: Index, scratch: Scratch, slot: i32, r: i32, queries: i32, k: i32): void {
  const norm = i32x4.splat(load<i32>(scratch.quadNorms + (r << 2)));
  const products = scratch.products + ((<usize>(r * queries)) << 2);
  for (let q = 0; q < queries; q += 4) {
    const at = (<usize>q) << 2;
    const norms = i32x4.add(norm, v128.load(scratch.octetNorms + at));
    const distances = i32x4.sub(norms, i32x4.shl(v128.load(products + at), 1));
    let bits = i32x4.bitmask(i32x4.le_s(distances, v128.load(scratch.limits + at)));
    if (!bits) continue;
    // In the place of the products, which are done with.
    v128.store(products + at, distances);
    while (bits) {
      const query = q + ctz(bits);
      bits &= bits - 1;
      const distance = load<i32>(products + ((<usize>query) << 2));
      settle(index, scratch, query, k, take(index, scratch, query, k, slot, distance, 0));
    }
  }
}

/** u8 [queries][rowBytes] less the centre -> i16 [queries / 8][rowBytes / 2][8][2], and squared lengths. */
function packOctets(index: Index, scratch: Scratch, queries: i32): void {
  const pairs = index.rowBytes >> 1;
  for (let q = 0; q < queries; q++) {
    let norm = 0;
    const source = scratch.queries + <usize>q * index.rowBytes;
    const out = scratch.octets + <usize>(q >> 3) * pairs * 32 + ((<usize>(q & 7)) << 2);
    for (let c: usize = 0; c < <usize>index.rowBytes; c++) {
      const x = <i32>load<u8>(source + c) - <i32>load<i16>(index.center + (c << 1));
      norm += x * x;
      store<i16>(out + ((c >> 1) << 5) + ((c & 1) << 1), <i16>x);
    }
    store<i32>(scratch.octetNorms + ((<usize>q) << 2), norm);
  }
}
