/** The few smallest of many. Sorted insertion: good for few. */

/** The m smallest of n int32 keys (n a multiple of 4, the padding int32's largest), ascending. Returns how many. */
export function smallest(keys: usize, n: i32, m: i32, outKeys: usize, outPlaces: usize): i32 {
  let worst = i32.MAX_VALUE,
    found = 0;
  let worsts = i32x4.splat(worst);
  for (let i = 0; i < n; i += 4) {
    const below = i32x4.lt_s(v128.load(keys + (i << 2)), worsts);
    if (!v128.any_true(below)) continue;
    for (let j = i; j < i + 4; j++) {
      const key = load<i32>(keys + (j << 2));
      if (key >= worst) continue;
      insert(outKeys, outPlaces, min(found, m - 1), key, j);
      if (found < m) found++;
      if (found == m) worst = load<i32>(outKeys + ((m - 1) << 2));
    }
    worsts = i32x4.splat(worst);
  }
  return found;
}

/** Sorted insertion; the entry at `free` is overwritten. */
function insert(keys: usize, rows: usize, free: i32, key: i32, row: i32): void {
  let p = free;
  while (p > 0) {
    const before = (p - 1) << 2;
    const other = load<i32>(keys + before);
    if (other < key || (other == key && load<i32>(rows + before) < row)) break;
    store<i32>(keys + (p << 2), other);
    store<i32>(rows + (p << 2), load<i32>(rows + before));
    p--;
  }
  store<i32>(keys + (p << 2), key);
  store<i32>(rows + (p << 2), row);
}
