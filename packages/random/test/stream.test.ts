import { describe, expect, test } from 'vitest';
import { InvalidSeedError, randomStream, RandomError } from '../src/index.ts';
import type { RandomStream } from '../src/index.ts';

function draw(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.nextUint32());
}

/** Sum of (observed - expected)^2 / expected over equally likely cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, x) => sum + x, 0) / counts.length;
  return counts.reduce((sum, x) => sum + (x - expected) ** 2 / expected, 0);
}

/** Mean and 99.9 % bounds of chi-square with this many degrees of freedom (Wilson and Hilferty). */
function chiSquareBounds(degrees: number): readonly [low: number, high: number] {
  const at = (z: number): number =>
    degrees * (1 - 2 / (9 * degrees) + z * Math.sqrt(2 / (9 * degrees))) ** 3;
  return [at(-3.09), at(3.09)];
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [sab, saa, sbb] = [0, 0, 0];
  a.forEach((x, i) => {
    const y = b[i] ?? Number.NaN;
    sab += (x - ma) * (y - mb);
    saa += (x - ma) ** 2;
    sbb += (y - mb) ** 2;
  });
  return sab / Math.sqrt(saa * sbb);
}

describe('keys', () => {
  test('the same key gives the same numbers, whatever else was drawn in between', () => {
    const first = draw(randomStream(42, 'shuffle', 3, 17), 8);
    draw(randomStream(42, 'dropout', 3, 17), 100);
    expect(draw(randomStream(42, 'shuffle', 3, 17), 8)).toEqual(first);
  });

  test('the numbers of one key never change: recorded runs depend on them', () => {
    expect(draw(randomStream(42, 'shuffle'), 4)).toEqual([
      238525167, 2456062727, 1723699540, 362011773,
    ]);
  });

  test('any change of the key changes the numbers', () => {
    const keys: readonly RandomStream[] = [
      randomStream(0, 'a'),
      randomStream(1, 'a'),
      randomStream(0, 'b'),
      randomStream(0, ''),
      randomStream(0, 'a\0'),
      randomStream(0, 'aa'),
      randomStream(0, 'a', 0),
      randomStream(0, 'a', 0, 0),
      randomStream(0, 'a', 1),
      randomStream(0, 'a', 0, 1),
      randomStream(0, 'a', 1, 0),
      randomStream(0, 'a', 2 ** 32),
      randomStream(0, 'a', 2 ** 53 - 1),
      randomStream(0xffff_ffff, 'a'),
    ];
    const starts = keys.map((stream) => draw(stream, 2).join());
    expect(new Set(starts).size).toBe(keys.length);
  });

  test('20,000 neighbouring counters give 20,000 different streams with uncorrelated starts', () => {
    const starts: number[] = [];
    const seconds: number[] = [];
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const [a = 0, b = 0] = draw(randomStream(7, 'images', 1, i), 2);
      starts.push(a);
      seconds.push(b);
      seen.add(`${a},${b}`);
    }
    expect(seen.size).toBe(20_000);
    // The standard error of a correlation of 20,000 independent pairs is 0.0071.
    expect(Math.abs(correlation(starts.slice(1), starts.slice(0, -1)))).toBeLessThan(0.025);
    expect(Math.abs(correlation(starts, seconds))).toBeLessThan(0.025);
    const cells = new Array<number>(256).fill(0);
    for (const x of starts) cells[x >>> 24] = (cells[x >>> 24] ?? 0) + 1;
    const [low, high] = chiSquareBounds(255);
    expect(chiSquare(cells)).toBeGreaterThan(low);
    expect(chiSquare(cells)).toBeLessThan(high);
  });

  test('long streams of neighbouring seeds are uncorrelated', () => {
    const a = draw(randomStream(1, 'x'), 20_000);
    const b = draw(randomStream(2, 'x'), 20_000);
    expect(Math.abs(correlation(a, b))).toBeLessThan(0.025);
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 32, Infinity])('seed %s is refused', (seed) => {
    expect(() => randomStream(seed, 'a')).toThrow(InvalidSeedError);
    expect(() => randomStream(seed, 'a')).toThrow(
      `The seed must be an integer from 0 to 4294967295, not ${seed}.`,
    );
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN])('counter %s is refused', (counter) => {
    expect(() => randomStream(0, 'a', counter)).toThrow(
      `A counter of the stream "a" must be a non-negative safe integer, not ${counter}.`,
    );
  });
});

describe('nextUint32', () => {
  test('every bit is set half of the time', () => {
    const stream = randomStream(3, 'bits');
    const counts = new Array<number>(32).fill(0);
    const draws = 40_000;
    for (let i = 0; i < draws; i++) {
      const x = stream.nextUint32();
      for (let bit = 0; bit < 32; bit++) counts[bit] = (counts[bit] ?? 0) + ((x >>> bit) & 1);
    }
    // Four standard errors (100) of 40,000 fair coins.
    for (const count of counts) expect(Math.abs(count - draws / 2)).toBeLessThan(400);
  });
});

describe('uniform', () => {
  test('lies in [low, high) with the mean and variance of the distribution', () => {
    const stream = randomStream(11, 'uniform');
    const draws = 50_000;
    let [sum, squares, outside] = [0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const x = stream.uniform(-2, 4);
      if (!(x >= -2 && x < 4)) outside++;
      sum += x;
      squares += x * x;
    }
    expect(outside).toBe(0);
    const mean = sum / draws;
    // Width 6: standard deviation 6 / sqrt(12) = 1.732, so the mean's standard error is 0.0077.
    expect(Math.abs(mean - 1)).toBeLessThan(0.03);
    expect(Math.abs(squares / draws - mean * mean - 3)).toBeLessThan(0.06);
  });

  test('defaults to [0, 1) and uses more than 32 bits', () => {
    const stream = randomStream(11, 'uniform');
    const values = Array.from({ length: 100 }, () => stream.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.some((x) => !Number.isInteger(x * 2 ** 32))).toBe(true);
    expect(values.every((x) => Number.isInteger(x * 2 ** 53))).toBe(true);
  });

  test('never returns high, even where the sum would round up to it', () => {
    const stream = randomStream(11, 'rounding');
    const low = 2 ** 53;
    for (let i = 0; i < 200; i++) expect(stream.uniform(low, low + 2)).toBe(low);
  });

  test('an empty range gives its bound', () => {
    expect(randomStream(0, 'a').uniform(3, 3)).toBe(3);
  });

  test.each([
    [1, 0],
    [Number.NaN, 1],
    [0, Infinity],
    [-Number.MAX_VALUE, Number.MAX_VALUE],
  ])('uniform(%s, %s) is refused', (low, high) => {
    expect(() => randomStream(0, 'a').uniform(low, high)).toThrow(
      `uniform(low, high) needs finite bounds with low <= high, not ${low} and ${high}.`,
    );
  });
});

describe('integer', () => {
  test.each([2, 3, 10, 28, 100])('%i values come equally often', (count) => {
    const stream = randomStream(5, 'integer', count);
    const cells = new Array<number>(count).fill(0);
    for (let i = 0; i < 20_000; i++) {
      const x = stream.integer(-4, count - 4) + 4;
      cells[x] = (cells[x] ?? 0) + 1;
    }
    expect(cells).toHaveLength(count);
    expect(chiSquare(cells)).toBeLessThan(chiSquareBounds(count - 1)[1]);
  });

  test('a range that does not divide 2^32 is still unbiased', () => {
    // With 3 * 2^30 values, x % n would give the lowest third twice the chance of the others.
    const count = 3 * 2 ** 30;
    const stream = randomStream(5, 'wide');
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) {
      const third = Math.floor(stream.integer(0, count) / 2 ** 30);
      thirds[third] = (thirds[third] ?? 0) + 1;
    }
    expect(thirds).toHaveLength(3);
    expect(chiSquare(thirds)).toBeLessThan(chiSquareBounds(2)[1]);
  });

  test('covers the widest and the narrowest range', () => {
    const stream = randomStream(5, 'edges');
    expect(stream.integer(9, 10)).toBe(9);
    const same = randomStream(5, 'same');
    const other = randomStream(5, 'same');
    expect(same.integer(0, 2 ** 32)).toBe(other.nextUint32());
  });

  test.each([
    [0, 0],
    [2, 1],
    [0.5, 2],
    [0, 2 ** 32 + 1],
    [0, Number.NaN],
  ])('integer(%s, %s) is refused', (low, high) => {
    const stream = randomStream(0, 'a');
    expect(() => stream.integer(low, high)).toThrow(RandomError);
    expect(() => stream.integer(low, high)).toThrow(
      `integer(low, highExclusive) needs integers that hold 1 to 2^32 values, not ${low} and ${high}.`,
    );
  });
});
