import { randomStream } from '@fashion-bench/random';
import { describe, expect, test } from 'vitest';
import { AugmentError, randomErasing } from '../src/index.ts';
import type { ImageShape, RandomErasingOptions } from '../src/index.ts';

const SHAPE = { rows: 28, columns: 28 };

/** n images of noise, [n * bytes]. */
function noise(n: number, bytes = 784): Uint8Array {
  const stream = randomStream(1, 'noise');
  return Uint8Array.from({ length: n * bytes }, () => stream.nextUint32() & 0xff);
}

/** The Python eraser told again, one image as rows of pixels of channels, fed by the same stream. */
function slowEraser(
  image: number[][][],
  {
    p = 0.5,
    sL = 0.02,
    sH = 0.4,
    r1 = 0.3,
    r2 = 1 / 0.3,
    vL = 0,
    vH = 255,
    ...rest
  }: RandomErasingOptions,
  index: number,
): { image: number[][][]; area: number | undefined } {
  const stream = randomStream(rest.seed, 'random-erasing', rest.epoch ?? 0, index);
  const imageHeight = image.length;
  const imageWidth = image[0]?.length ?? 0;
  const p1 = stream.uniform();
  if (p1 > p) return { image, area: undefined };
  let [w, h, left, top] = [0, 0, 0, 0];
  do {
    const s = stream.uniform(sL, sH) * imageHeight * imageWidth;
    const r = stream.uniform(r1, r2);
    w = Math.trunc(Math.sqrt(s / r));
    h = Math.trunc(Math.sqrt(s * r));
    left = stream.integer(0, imageWidth);
    top = stream.integer(0, imageHeight);
  } while (!(left + w <= imageWidth && top + h <= imageHeight));
  const inside = (x: number, y: number): boolean =>
    x >= left && x < left + w && y >= top && y < top + h;
  const draw = (): number => Math.trunc(stream.uniform(vL, vH));
  const one = rest.pixelLevel === true ? undefined : draw();
  const erased = image.map((row, y) =>
    row.map((pixel, x) => (inside(x, y) ? pixel.map(() => one ?? draw()) : pixel)),
  );
  return { image: erased, area: w * h };
}

/** All images through the slow eraser. */
function slowErasing(
  images: Uint8Array,
  { rows, columns, channels = 1 }: ImageShape,
  options: RandomErasingOptions,
): { images: number[]; areas: number[] } {
  const out: number[] = [];
  const areas: number[] = [];
  const bytes = rows * columns * channels;
  for (let i = 0; i * bytes < images.length; i++) {
    const image = Array.from({ length: rows }, (_, y) =>
      Array.from({ length: columns }, (__, x) =>
        Array.from(
          { length: channels },
          (___, c) => images[i * bytes + (y * columns + x) * channels + c]!,
        ),
      ),
    );
    const result = slowEraser(image, options, i);
    out.push(...result.image.flat(2));
    if (result.area !== undefined) areas.push(result.area);
  }
  return { images: out, areas };
}

describe('agrees with the eraser told slowly', () => {
  test.each<[string, ImageShape, RandomErasingOptions]>([
    ['defaults', SHAPE, { seed: 42 }],
    ["the study's p", SHAPE, { seed: 42, p: 0.15 }],
    ['each pixel its own value', SHAPE, { seed: 1, p: 1, pixelLevel: true }],
    ['three channels, oblong', { rows: 9, columns: 14, channels: 3 }, { seed: 2, p: 1 }],
    [
      'three channels, each its own value',
      { rows: 9, columns: 14, channels: 3 },
      { seed: 2, p: 1, pixelLevel: true },
    ],
    [
      'other areas, ratios and values',
      SHAPE,
      { seed: 3, p: 0.8, sL: 0.1, sH: 0.9, r1: 0.5, r2: 0.7, vL: 17.5, vH: 90 },
    ],
    ['a later epoch', SHAPE, { seed: 42, epoch: 7 }],
    [
      'fixed area, ratio and value',
      SHAPE,
      { seed: 4, sL: 0.25, sH: 0.25, r1: 1, r2: 1, vL: 128, vH: 128 },
    ],
  ])('%s', (_, shape, options) => {
    const images = noise(60, shape.rows * shape.columns * (shape.channels ?? 1));
    const before = Uint8Array.from(images);
    const fast = randomErasing(images, shape, options);
    const slow = slowErasing(images, shape, options);
    expect(Buffer.compare(fast.images, Uint8Array.from(slow.images))).toBe(0);
    expect([...fast.areas]).toEqual(slow.areas);
    expect(fast.erased).toBe(slow.areas.length);
    expect(fast.count).toBe(60);
    expect(fast.fraction).toBe(slow.areas.length / 60);
    // The input is the caller's.
    expect(Buffer.compare(images, before)).toBe(0);
    expect(fast.images.buffer).not.toBe(images.buffer);
  });
});

describe('which images', () => {
  const blank = new Uint8Array(4000 * 784);

  test.each([0.05, 0.15, 0.5, 0.9])('a share near p = %f', (p) => {
    const { fraction, erased, areas } = randomErasing(blank, SHAPE, { seed: 42, p });
    // Four standard deviations of a binomial share of 4,000.
    expect(Math.abs(fraction - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 4000));
    expect(areas).toHaveLength(erased);
  });

  test('p = 0 gives a copy, p = 1 erases all', () => {
    const images = noise(50);
    const none = randomErasing(images, SHAPE, { seed: 1, p: 0 });
    expect(none).toMatchObject({ erased: 0, fraction: 0, areaStatistics: undefined });
    expect(none.areas).toHaveLength(0);
    expect(Buffer.compare(none.images, images)).toBe(0);
    expect(none.images).not.toBe(images);
    expect(randomErasing(images, SHAPE, { seed: 1, p: 1 }).erased).toBe(50);
  });

  test("an image's erasure does not depend on the others", () => {
    const images = noise(30);
    const all = randomErasing(images, SHAPE, { seed: 9, p: 1 }).images;
    const few = randomErasing(images.subarray(0, 10 * 784), SHAPE, { seed: 9, p: 1 }).images;
    expect(Buffer.compare(few, all.subarray(0, 10 * 784))).toBe(0);
  });

  test('seed and epoch each change the erasure', () => {
    const images = noise(20);
    const results = [{ seed: 1 }, { seed: 2 }, { seed: 1, epoch: 1 }, { seed: 1, epoch: 2 }].map(
      (options) => Buffer.from(randomErasing(images, SHAPE, options).images).toString('base64'),
    );
    expect(new Set(results).size).toBe(4);
  });

  test('a Buffer is copied as well', () => {
    const images = Buffer.from(noise(5));
    const before = Buffer.from(images);
    const result = randomErasing(images, SHAPE, { seed: 1, p: 1 });
    expect(images.equals(before)).toBe(true);
    expect(result.images.buffer).not.toBe(images.buffer);
  });
});

describe('areas', () => {
  const { areas, areaStatistics } = randomErasing(new Uint8Array(20_000 * 784), SHAPE, {
    seed: 7,
    p: 1,
  });

  test('lie within what sL, sH, r1 and r2 allow', () => {
    // floor(w) floor(h) <= w h = S, and above (w - 1) (h - 1) = S - (w + h) + 1.
    const smallest = 0.02 * 784;
    const ratio = 1 / 0.3;
    const least = smallest - Math.sqrt(smallest) * (Math.sqrt(ratio) + 1 / Math.sqrt(ratio)) + 1;
    expect(Math.min(...areas)).toBeGreaterThan(least);
    expect(Math.max(...areas)).toBeLessThanOrEqual(0.4 * 784);
  });

  test('have the distribution of the Python eraser', () => {
    // 1,000,000 rectangles drawn by the Python loop: mean 105.87, sd 73.63, quartiles 44, 90, 154, extremes 9 and 312.
    // Standard error of the mean of 20,000: 0.52.
    expect(areaStatistics?.count).toBe(20_000);
    expect(Math.abs((areaStatistics?.mean ?? 0) - 105.87)).toBeLessThan(2.1);
    expect(Math.abs((areaStatistics?.lowerQuartile ?? 0) - 44)).toBeLessThanOrEqual(2);
    expect(Math.abs((areaStatistics?.median ?? 0) - 90)).toBeLessThanOrEqual(3);
    expect(Math.abs((areaStatistics?.upperQuartile ?? 0) - 154)).toBeLessThanOrEqual(4);
    expect(areaStatistics?.min).toBeGreaterThanOrEqual(9);
    expect(areaStatistics?.max).toBeLessThanOrEqual(312);
  });
});

describe('fill values', () => {
  test('are cut off, not rounded: 0..255 fills with 0 to 254', () => {
    const images = new Uint8Array(300 * 784);
    const { images: out } = randomErasing(images, SHAPE, { seed: 3, p: 1, pixelLevel: true });
    expect(out.includes(254)).toBe(true);
    expect(out.includes(255)).toBe(false);
    const narrow = randomErasing(images, SHAPE, { seed: 3, p: 1, vL: 10.2, vH: 11.9 }).images;
    expect([...new Set(narrow)].toSorted((a, b) => a - b)).toEqual([0, 10, 11]);
  });

  test('one value for the rectangle, or many', () => {
    const images = new Uint8Array(784);
    const valuesOf = (pixelLevel: boolean): Set<number> =>
      new Set(randomErasing(images, SHAPE, { seed: 3, p: 1, sL: 0.2, vL: 1, pixelLevel }).images);
    expect(valuesOf(false).size).toBe(2);
    expect(valuesOf(true).size).toBeGreaterThan(50);
  });
});

describe('bad input', () => {
  const images = noise(2);

  test.each<[Partial<RandomErasingOptions>, string]>([
    [{ p: -0.1 }, 'p must be a number from 0 to 1, not -0.1.'],
    [{ p: Number.NaN }, 'p must be a number from 0 to 1, not NaN.'],
    [{ sL: -1 }, 'sL must be a number from 0 to 1, not -1.'],
    [{ sL: 0.5 }, 'sH must be a number from 0.5 to 1, not 0.4.'],
    [{ sH: 1.1 }, 'sH must be a number from 0.02 to 1, not 1.1.'],
    [{ r1: 0 }, 'r1 must be a finite number above 0, not 0.'],
    [{ r2: 0.1 }, 'r2 must be a finite number, at least 0.3, not 0.1.'],
    [{ r2: Infinity }, 'r2 must be a finite number, at least 0.3, not Infinity.'],
    [{ vL: -1 }, 'vL must be a number from 0 to 255, not -1.'],
    [{ vL: 9, vH: 8 }, 'vH must be a number from 9 to 255, not 8.'],
    [{ vH: 256 }, 'vH must be a number from 0 to 255, not 256.'],
    [{ epoch: 0.5 }, 'epoch must be a non-negative integer, not 0.5.'],
    [{ seed: -1 }, 'The seed must be an integer from 0 to 4294967295, not -1.'],
  ])('%o', (options, message) => {
    expect(() => randomErasing(images, SHAPE, { seed: 1, ...options })).toThrow(message);
  });

  test('options that no rectangle satisfies are refused instead of drawn for ever', () => {
    expect(() => randomErasing(images, SHAPE, { seed: 1, sL: 0.5, sH: 0.6, r1: 4, r2: 5 })).toThrow(
      new AugmentError(
        'option',
        'No rectangle of at least 0.5 of the area with a ratio from 4 to 5 fits into 28 x 28 pixels: lower sL or widen r1..r2.',
      ),
    );
    // The same the other way round, and in a narrow image.
    expect(() =>
      randomErasing(images, SHAPE, { seed: 1, sL: 0.5, sH: 0.6, r1: 0.1, r2: 0.2 }),
    ).toThrow('No rectangle');
    expect(() =>
      randomErasing(images, { rows: 784, columns: 1 }, { seed: 1, sL: 0.5, sH: 0.6, r1: 1, r2: 2 }),
    ).toThrow('No rectangle');
    // With p = 0 nothing is drawn, so nothing need fit.
    expect(
      randomErasing(images, SHAPE, { seed: 1, p: 0, sL: 0.5, sH: 0.6, r1: 4, r2: 5 }).erased,
    ).toBe(0);
  });

  test('what barely fits is found', () => {
    // Only the whole image: width and height 28, at 0, 0.
    const { areas } = randomErasing(images, SHAPE, { seed: 1, p: 1, sL: 1, sH: 1, r1: 1, r2: 1 });
    expect([...areas]).toEqual([784, 784]);
  });

  test('what all but never fits ends with an error', () => {
    // 29^2 / 784 = 1.0727: only ratios within a hair of it fit.
    const options = { seed: 1, p: 1, sL: 1, sH: 1, r1: 1.07270408, r2: 1e6 };
    expect(() => randomErasing(images.subarray(0, 784), SHAPE, options)).toThrow(
      /^In 1000000 draws no rectangle with sL 1, sH 1, .* fitted into 28 x 28 pixels: lower sL or widen r1\.\.r2\.$/,
    );
  });

  test.each<[ImageShape, string]>([
    [{ rows: 0, columns: 28 }, 'rows must be a whole number, at least 1, not 0.'],
    [{ rows: 28, columns: 1.5 }, 'columns must be a whole number, at least 1, not 1.5.'],
    [
      { rows: 28, columns: 28, channels: -1 },
      'channels must be a whole number, at least 1, not -1.',
    ],
    [
      { rows: 256, columns: 256 },
      'Images of 256 x 256 pixels are too large: at most 65535 pixels each.',
    ],
  ])('shape %o', (shape, message) => {
    expect(() => randomErasing(images, shape, { seed: 1 })).toThrow(
      new AugmentError('shape', message),
    );
  });

  test.each([0, 783, 785])('%i bytes', (length) => {
    expect(() => randomErasing(new Uint8Array(length), SHAPE, { seed: 1 })).toThrow(
      new AugmentError(
        'images',
        `${length} bytes are no whole number of images of 28 x 28 x 1 bytes.`,
      ),
    );
  });
});
