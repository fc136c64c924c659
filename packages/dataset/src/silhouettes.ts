// Ten kinds of clothing as plain geometry: each is a function that tells, for a point of the unit square, how bright the
// cloth is there. Measures are drawn anew for each picture, so no two are alike; the tops differ from each other only in
// sleeves, length and front, as in the real data. Not an imitation of Fashion-MNIST's pictures, only of its difficulties.

import type { RandomStream } from '@fashion-bench/random';

/** Brightness in 0..1 at (x, y), both in -1..1, y downwards; 0 is background. */
export type Silhouette = (x: number, y: number) => number;

/** Draws the measures of one picture of class `label` (0..9). */
export function drawSilhouette(label: number, random: RandomStream): Silhouette {
  const make = MAKERS[label];
  if (make === undefined) throw new RangeError(`There is no class ${label}.`);
  return make(random);
}

/** What tells one top from another. */
interface TopMeasures {
  /** Lower end of the body. */
  readonly hem: number;
  /** Lower end of the sleeves. */
  readonly cuff: number;
  /** How far the cuff stands off from the body. */
  readonly spread: number;
  /** Darkness of a line down the front, 0 for none. */
  readonly front: number;
  /** Depth of the neckline. */
  readonly neck: number;
}

/** Body, two slanting sleeves, neckline and front. */
function top(random: RandomStream, measures: TopMeasures): Silhouette {
  const { hem, cuff, spread, front, neck } = measures;
  const shoulder = -0.75;
  const chest = random.uniform(0.4, 0.52);
  const waist = chest * random.uniform(0.85, 1.1);
  const sleeve = random.uniform(0.14, 0.22);
  const sleeveShade = random.uniform(0.75, 1);
  return (x, y) => {
    const side = Math.abs(x);
    if (y < shoulder || side > 1) return 0;
    const along = (y - shoulder) / (hem - shoulder);
    if (along <= 1 && side < mix(chest, waist, along)) {
      if (y < shoulder + neck * (1 - side / 0.25)) return 0;
      return side < 0.05 ? 1 - front : 1;
    }
    const down = (y - shoulder) / (cuff - shoulder);
    const middle = chest - sleeve / 2 + spread * down;
    return down <= 1 && Math.abs(side - middle) < sleeve ? sleeveShade : 0;
  };
}

/** Sole, upper that rises towards the heel, and a shaft above the heel. */
function shoe(random: RandomStream, shaft: number, straps: boolean): Silhouette {
  const sole = random.uniform(0.4, 0.55);
  const thickness = random.uniform(0.1, 0.2);
  const toe = random.uniform(0.15, 0.3);
  const heel = random.uniform(0.4, 0.6);
  const soleShade = random.uniform(0.5, 1);
  const gap = random.uniform(0.25, 0.4);
  const phase = random.uniform(0, 1);
  return (x, y) => {
    if (Math.abs(x) > 0.9 || y > sole + thickness) return 0;
    if (y > sole) return soleShade;
    const height = x > 0.1 ? heel + (x > 0.25 ? shaft : 0) : mix(toe, heel, (x + 0.9) / 1);
    if (y < sole - height) return 0;
    if (straps && ((((x + y) / gap + phase) % 1) + 1) % 1 < 0.5) return 0;
    return 1;
  };
}

function trouser(random: RandomStream): Silhouette {
  const hip = random.uniform(0.3, 0.42);
  const ankle = hip * random.uniform(0.8, 1.15);
  const crotch = random.uniform(-0.5, -0.2);
  const opening = random.uniform(0.05, 0.2);
  return (x, y) => {
    if (Math.abs(y) > 0.9) return 0;
    const side = Math.abs(x);
    if (side > mix(hip, ankle, (y + 0.9) / 1.8)) return 0;
    return y > crotch && side < (opening * (y - crotch)) / (0.9 - crotch) ? 0 : 1;
  };
}

function dress(random: RandomStream): Silhouette {
  const bust = random.uniform(0.22, 0.34);
  const waist = bust * random.uniform(0.75, 1);
  const skirt = random.uniform(0.32, 0.6);
  const at = random.uniform(-0.3, 0);
  const sleeve = random.uniform(0, 1) < 0.5 ? random.uniform(0.1, 0.22) : 0;
  return (x, y) => {
    if (Math.abs(y) > 0.9) return 0;
    const side = Math.abs(x);
    const width =
      y < at ? mix(bust, waist, (y + 0.9) / (at + 0.9)) : mix(waist, skirt, (y - at) / (0.9 - at));
    if (side < width) return y < -0.75 && side < 0.12 ? 0 : 1;
    return y < -0.45 && side < width + sleeve ? 0.9 : 0;
  };
}

function bag(random: RandomStream): Silhouette {
  const width = random.uniform(0.55, 0.9);
  const upper = random.uniform(-0.35, 0.1);
  const lower = random.uniform(0.5, 0.8);
  const slant = random.uniform(-0.12, 0.15);
  const handle = random.uniform(0.25, 0.55);
  const rise = random.uniform(0.3, 0.6);
  return (x, y) => {
    const side = Math.abs(x);
    if (y > upper && y < lower) return side < width + slant * y ? 1 : 0;
    const ring = (x / handle) ** 2 + ((y - upper) / rise) ** 2;
    return y <= upper && ring < 1 && ring > 0.5 ? 0.8 : 0;
  };
}

/** One maker for each label, in the order of CLASS_NAMES. */
const MAKERS: readonly ((random: RandomStream) => Silhouette)[] = [
  (random) =>
    top(random, {
      hem: random.uniform(0.55, 0.85),
      cuff: random.uniform(-0.45, -0.15),
      spread: random.uniform(0.15, 0.35),
      front: 0,
      neck: random.uniform(0.05, 0.2),
    }),
  trouser,
  (random) =>
    top(random, {
      hem: random.uniform(0.5, 0.8),
      cuff: random.uniform(0.4, 0.75),
      spread: random.uniform(0.1, 0.35),
      front: 0,
      neck: random.uniform(0, 0.1),
    }),
  dress,
  (random) =>
    top(random, {
      hem: random.uniform(0.7, 0.95),
      cuff: random.uniform(0.4, 0.75),
      spread: random.uniform(0.05, 0.3),
      front: random.uniform(0.4, 0.9),
      neck: random.uniform(0.05, 0.3),
    }),
  (random) => shoe(random, 0, true),
  (random) =>
    top(random, {
      hem: random.uniform(0.6, 0.9),
      cuff: random.uniform(-0.3, 0.6),
      spread: random.uniform(0.1, 0.35),
      front: random.uniform(0.15, 0.5),
      neck: random.uniform(0.05, 0.2),
    }),
  (random) => shoe(random, 0, false),
  bag,
  (random) => shoe(random, random.uniform(0.25, 0.6), false),
];

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
