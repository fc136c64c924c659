// Damage of every kind, drawn from a seed.

/** A linear congruential generator (Numerical Recipes): the same files in every run. `draw(n)` is 0 to n - 1. */
export function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

type Draw = (below: number) => number;

/** NaN, infinity, the largest float, -1, the largest and the least int32, a gigabyte, zero. */
const WORDS = [
  ...[0x7fc00000, 0x7f800000, 0x7f7fffff, 0xffffffff],
  ...[0x7fffffff, 0x80000000, 0x40000000, 0],
];

/** One change to bytes; most of a file are weights, so half of the changes go to its first and last 4 kB. */
function changed(bytes: Buffer, draw: Draw): Buffer {
  const { length } = bytes;
  if (length < 8) return bytes;
  const edge = Math.min(4096, length);
  const at = [draw(length), draw(edge), length - 1 - draw(edge), draw(length)][draw(4)] ?? 0;
  const span = 1 + draw(Math.min(64, length - at));
  switch (draw(8)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at - draw(at + 1))]);
    case 3: {
      const from = draw(length - span + 1);
      bytes.copy(bytes, at, from, from + span);
      return bytes;
    }
    case 4:
      bytes.writeUInt32LE(WORDS[draw(WORDS.length)] ?? 0, Math.min(at, length - 4));
      return bytes;
    case 5:
      bytes[at] = bytes[at]! ^ (1 << draw(8));
      return bytes;
    default:
      bytes[at] = draw(256);
      return bytes;
  }
}

/** A copy with 1 to 4 changes. */
export function mutatedBytes(good: Uint8Array, draw: Draw): Buffer {
  let bytes = Buffer.from(good);
  for (let edits = 1 + draw(4); edits > 0; edits--) bytes = Buffer.from(changed(bytes, draw));
  return bytes;
}

const VALUES: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 2, 7, 16_777_217, 1e300, '', '../x', 'NaN', '__proto__'],
  ...[[], {}, [null], [null, 0], [1, 1], { class_name: 'Dense', config: {} }],
];

/** JSON with one to three of its values exchanged, left out or doubled: still JSON, no longer a model's. */
export function mutatedJson(text: string, draw: Draw): string {
  const root: unknown = JSON.parse(text);
  for (let edits = 1 + draw(3); edits > 0; edits--) {
    const places = placesIn(root);
    const place = places[draw(places.length)];
    if (!place) continue;
    const { parent, key } = place;
    const kind = draw(6);
    if (kind === 0) Reflect.deleteProperty(parent, key);
    else if (kind === 1 && Array.isArray(parent)) parent.push(Reflect.get(parent, key));
    else if (kind === 2) {
      const other = places[draw(places.length)];
      // A copy, so that nothing holds itself.
      if (other) Reflect.set(parent, key, structuredClone(Reflect.get(other.parent, other.key)));
    } else Reflect.set(parent, key, structuredClone(VALUES[draw(VALUES.length)]));
  }
  return JSON.stringify(root);
}

interface Place {
  readonly parent: object;
  readonly key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => [
    { parent: value, key },
    ...placesIn(child),
  ]);
}
