import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

import { encode as encodeJpeg } from 'jpeg-js';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';

import { readPicture } from '../src/images/decode.ts';
import { fashionImage } from '../src/images/fashion-image.ts';
import type { Picture } from '../src/images/picture.ts';
import { ImageError } from '../src/process/errors.ts';
import { temporaryFolder } from './fakes.ts';

type Grey = (x: number, y: number) => number;

/** An opaque picture in grey. */
function picture(width: number, height: number, grey: Grey): Picture {
  const rgba = new Uint8Array(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const level = grey(i % width, Math.floor(i / width));
    rgba.set([level, level, level, 255], 4 * i);
  }
  return { width, height, rgba };
}

/** All 784 bytes, from a rule. */
function expected(grey: Grey): Uint8Array {
  return Uint8Array.from({ length: 784 }, (_, i) => grey(i % 28, Math.floor(i / 28)));
}

describe("the steps of the data set's authors", () => {
  it('trim, leave out rows and columns, centre, negate', () => {
    // An article of 28 x 56 in light grey (#fdfdfd), off the middle: every second row and column is taken.
    const inside: Grey = (x, y) => (x >= 30 && x < 58 && y >= 5 && y < 61 ? 55 : 253);
    expect(fashionImage(picture(90, 70, inside))).toEqual(
      expected((x) => (x >= 7 && x < 21 ? 200 : 0)),
    );
  });

  it('takes the row and column in the middle of those it stands for', () => {
    // Squares of 3 x 3, of which only the middle pixel is the article's; sharpening leaves what is all one grey.
    const inside: Grey = (x, y) => {
      if (x < 3 || y < 3 || x >= 87 || y >= 87) return 255;
      return (x % 3 === 1 && y % 3 === 1) || x === 3 || y === 3 || x === 86 || y === 86 ? 55 : 155;
    };
    expect(fashionImage(picture(90, 90, inside))).toEqual(expected(() => 200));
  });

  it('sharpens: an edge between 100 and 150 goes apart by 0.2276 of their difference', () => {
    // (e^-1/2 + 2 e^-1) of the row beyond, over 2 (1 + s) - s with s = 4 (e^-1/2 + e^-1): 1.34229 / 5.89764.
    const inside: Grey = (x, y) => {
      if (x < 6 || y < 6 || x >= 34 || y >= 34) return 255;
      return x < 20 ? 100 : 150;
    };
    const row = [155, 155, 255 - 89, 255 - 161, 105, 105];
    const result = fashionImage(picture(40, 40, inside));
    expect([...result.subarray(0, 28)].slice(11, 17)).toEqual(row);
    expect([...result.subarray(27 * 28)].slice(11, 17)).toEqual(row);
  });

  it('trims what is within 5 % of the corners, and no more', () => {
    // A margin of 8 columns before an article of 48 x 56.
    const beside =
      (margin: number): Grey =>
      (x, y) =>
        x < 4 || y < 4 || x >= 60 || y >= 60 ? 253 : x < 12 ? margin : 53;
    // 12 of 255 off: the margin goes with the edges, and the article is in the middle.
    expect(fashionImage(picture(64, 64, beside(241)))).toEqual(
      expected((x) => (x >= 2 && x < 26 ? 202 : 0)),
    );
    // 13 off: the margin belongs to the article, which now reaches the right edge.
    expect(fashionImage(picture(64, 64, beside(240)))[14 * 28 + 27]).toBe(202);
  });

  it('makes grey of colours by their luma, after negating', () => {
    const colour = (r: number, g: number, b: number): number => {
      const source = picture(40, 40, (x, y) => (Math.min(x, y, 39 - x, 39 - y) < 6 ? 255 : 0));
      for (let i = 0; i < 1600; i++) {
        if (source.rgba[4 * i] === 0) source.rgba.set([r, g, b], 4 * i);
      }
      return fashionImage(source)[14 * 28 + 14]!;
    };
    expect([colour(255, 0, 0), colour(0, 255, 0), colour(0, 0, 255)]).toEqual([179, 105, 226]);
  });

  it('what is transparent is white', () => {
    const source = picture(50, 50, (x) => (x < 11 || x >= 39 ? 0 : 80));
    source.rgba.forEach((_, at) => {
      const x = Math.floor(at / 4) % 50;
      if (at % 4 === 3 && (x < 11 || x >= 39)) source.rgba[at] = 0;
    });
    expect(fashionImage(source)).toEqual(expected((x) => (x >= 6 && x < 22 ? 175 : 0)));
  });

  it('a dark background stays, and 28 x 28 is taken as it is', () => {
    const article: Grey = (x, y) => (x > 3 && x < 20 ? 20 + 3 * x + y : 0);
    expect(fashionImage(picture(28, 28, article))).toEqual(expected(article));
    expect(fashionImage(picture(28, 28, (x, y) => 255 - article(x, y)))).toEqual(expected(article));
    const dark: Grey = (x, y) => (x >= 10 && x < 66 && y >= 10 && y < 38 ? 200 : 5);
    expect(fashionImage(picture(80, 50, dark))).toEqual(
      expected((_, y) => (y >= 7 && y < 21 ? 200 : 0)),
    );
  });

  it('the smallest, the thinnest and the emptiest picture', () => {
    expect(fashionImage(picture(1, 1, () => 255))).toEqual(expected(() => 0));
    expect(fashionImage(picture(50, 60, () => 250))[0]).toBe(0);
    const line = fashionImage(picture(300, 300, (x) => (x === 200 ? 0 : 255)));
    expect(line).toEqual(expected((x) => (x === 13 ? 255 : 0)));
  });
});

const GOOD = picture(3, 2, (x, y) => 40 * x + 100 * y);

function asPng(options: { colorType: 0 | 2 | 4 | 6 }): Buffer {
  const { width, height, rgba } = GOOD;
  const png = new PNG({ width, height });
  png.data = Buffer.from(rgba);
  return PNG.sync.write(png, options);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** A grey PNG, laid out by hand. */
function rawPng(
  width: number,
  height: number,
  interlace: 0 | 1,
  raw: Uint8Array,
  depth = 8,
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, 0, 0, 0, interlace], 8);
  return Buffer.concat([
    ...[asPng({ colorType: 0 }).subarray(0, 8), chunk('IHDR', header)],
    ...[chunk('IDAT', deflateSync(raw)), chunk('IEND', new Uint8Array())],
  ]);
}

function stored(bytes: Uint8Array): string {
  const path = join(temporaryFolder(), 'picture');
  writeFileSync(path, bytes);
  return path;
}

describe('readPicture', () => {
  it.each([...[{ colorType: 0 }, { colorType: 2 }, { colorType: 4 }, { colorType: 6 }]] as const)(
    'PNG: %o',
    async (options) => {
      const { width, height, rgba } = await readPicture(stored(asPng(options)));
      expect({ width, height }).toEqual({ width: 3, height: 2 });
      expect([...rgba]).toEqual([...GOOD.rgba]);
    },
  );

  it('PNG of 16 bits', async () => {
    const { rgba } = await readPicture(
      stored(rawPng(2, 1, 0, Uint8Array.of(0, 11, 11, 200, 200), 16)),
    );
    expect([rgba[0], rgba[4]]).toEqual([11, 200]);
  });

  it('interlaced PNG: seven passes, of which a picture of 2 x 2 has three', async () => {
    const { rgba } = await readPicture(
      stored(rawPng(2, 2, 1, Uint8Array.of(0, 11, 0, 22, 0, 33, 44))),
    );
    expect([0, 4, 8, 12].map((at) => rgba[at])).toEqual([11, 22, 33, 44]);
  });

  it('JPEG', async () => {
    const { data } = encodeJpeg(forJpeg(picture(16, 24, (x) => (x < 8 ? 40 : 200))), 95);
    const { width, height, rgba } = await readPicture(stored(data));
    expect({ width, height }).toEqual({ width: 16, height: 24 });
    expect(Math.abs(rgba[0]! - 40)).toBeLessThan(4);
    expect(Math.abs(rgba[4 * 15]! - 200)).toBeLessThan(4);
  });

  it('JPEG that stores RGB, by the marker of Adobe or the names of its components', async () => {
    const colours = picture(16, 16, () => 0);
    for (let i = 0; i < 256; i++) colours.rgba.set([30, 128, 200, 255], 4 * i);
    const { data } = encodeJpeg(forJpeg(colours), 95);
    const asStored = [...(await readPicture(stored(data))).rgba.subarray(0, 3)];
    // Y, Cb and Cr of that colour (ITU-R BT.601), taken for R, G and B.
    const [y, cb, cr] = [106.9, 180.5, 73.1];
    asStored.forEach((value, i) => {
      expect(Math.abs(value - ([30, 128, 200][i] ?? 0))).toBeLessThan(5);
    });
    const adobe = Buffer.from([0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, 0]);
    const withoutJfif = data.subarray(2 + 2 + data.readUInt16BE(4));
    const named = Buffer.from(withoutJfif);
    const frame = named.indexOf(Buffer.of(0xff, 0xc0));
    const scan = named.indexOf(Buffer.of(0xff, 0xda));
    ['R', 'G', 'B'].forEach((name, i) => {
      named[frame + 10 + 3 * i] = name.charCodeAt(0);
      named[scan + 5 + 2 * i] = name.charCodeAt(0);
    });
    for (const file of [
      Buffer.concat([data.subarray(0, 2), adobe, withoutJfif]),
      Buffer.concat([data.subarray(0, 2), named]),
    ]) {
      const { rgba } = await readPicture(stored(file));
      [y, cb, cr].forEach((value, i) => {
        expect(Math.abs(rgba[i]! - value)).toBeLessThan(5);
      });
    }
  });

  const cases = new URL('../../../../shared/cases/', import.meta.url);
  it.skipIf(!existsSync(cases))('a JPEG in RGB and a PNG of the same picture', async () => {
    for (const name of ['shirt-rgb-app14.jpg', 'shirt.png']) {
      const { width, rgba } = await readPicture(fileURLToPath(new URL(name, cases)));
      const at = 4 * (130 * width + 100);
      expect([...rgba.subarray(at, at + 3), rgba[0]]).toEqual([30, 40, 200, 255]);
    }
  });

  it('upright, whichever of the eight ways it was stored', async () => {
    // Stored as 2 x 3 from a PNG, whose pixels are exact: 1 2 / 3 4 / 5 6.
    const raw = Uint8Array.of(0, 1, 2, 0, 3, 4, 0, 5, 6);
    const turned = [
      ...['12/34/56', '21/43/65', '65/43/21', '56/34/12'],
      ...['135/246', '531/642', '642/531', '246/135'],
    ];
    for (const [i, wanted] of turned.entries()) {
      const plain = rawPng(2, 3, 0, raw);
      const tiff = Buffer.from([
        ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1],
        ...[1, 18, 0, 3, 0, 0, 0, 1, 0, i + 1, 0, 0, 0, 0, 0, 0],
      ]);
      const withExif = Buffer.concat([
        plain.subarray(0, 33),
        chunk('eXIf', tiff),
        plain.subarray(33),
      ]);
      const { width, rgba } = await readPicture(stored(withExif));
      const greys = rgba.filter((_, at) => at % 4 === 0).join('');
      expect(greys.replaceAll(new RegExp(`(\\d{${width}})(?=.)`, 'g'), '$1/')).toBe(wanted);
    }
    const jpegOf = encodeJpeg(forJpeg(picture(16, 24, (x) => (x < 8 ? 40 : 200))), 95).data;
    const exif = Buffer.from([
      ...[0xff, 0xe1, 0, 34, ...Buffer.from('Exif\0\0'), 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1],
      ...[1, 18, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
    ]);
    const file = Buffer.concat([jpegOf.subarray(0, 2), exif, jpegOf.subarray(2)]);
    const { width, height, rgba } = await readPicture(stored(file));
    expect([width, height]).toEqual([24, 16]);
    expect(rgba[0]).toBeLessThan(50);
    expect(rgba[4 * 24 * 15]).toBeGreaterThan(190);
  });

  it('PNG with bytes behind the end, or with more image data than it has', async () => {
    const raw = Uint8Array.of(0, 11, 22);
    const plain = rawPng(2, 1, 0, raw);
    const surplus = rawPng(2, 1, 0, Uint8Array.of(...raw, 0, 99, 99, 7));
    for (const file of [
      Buffer.concat([plain, Buffer.from('\n')]),
      surplus,
      plain.subarray(0, -12),
    ]) {
      const { rgba } = await readPicture(stored(file));
      expect([rgba[0], rgba[4], rgba.length]).toEqual([11, 22, 8]);
    }
  });

  const png = asPng({ colorType: 6 });
  const flipped = Buffer.from(png);
  flipped[png.length - 18] = flipped[png.length - 18]! ^ 1;
  const jpeg = encodeJpeg(forJpeg(picture(64, 64, (x, y) => (x * y) % 256)), 80).data;
  const hugeJpeg = Buffer.from(jpeg);
  // Height and width stand in the frame header, after its marker FF C0, length and precision.
  hugeJpeg.fill(
    0xff,
    jpeg.indexOf(Buffer.of(0xff, 0xc0)) + 5,
    jpeg.indexOf(Buffer.of(0xff, 0xc0)) + 9,
  );
  const scan = jpeg.subarray(jpeg.indexOf(Buffer.of(0xff, 0xda)), -2);
  const manyScans = Buffer.concat([
    jpeg.subarray(0, -2),
    ...Array.from({ length: 999 }, () => scan),
    jpeg.subarray(-2),
  ]);
  const twelveBits = Buffer.from(jpeg);
  twelveBits[jpeg.indexOf(Buffer.of(0xff, 0xc0)) + 4] = 12;
  const hugeRgba = rawPng(8000, 5000, 0, new Uint8Array(9), 16);
  hugeRgba[25] = 6;
  hugeRgba.writeUInt32BE(crc32(hugeRgba.subarray(12, 29)), 29);
  const bad: [string, Uint8Array, RegExp][] = [
    ['an empty file', Buffer.alloc(0), /is neither a PNG nor a JPEG file: convert it/],
    ['a GIF', Buffer.from('GIF89a'), /is neither a PNG nor a JPEG file: convert it/],
    ['a cut PNG', png.subarray(0, png.length - 20), /cannot be read as an image \(.+\): take/],
    ['a PNG of its first bytes only', png.subarray(0, 8), /\(it has no header\)/],
    ['a changed PNG', flipped, /cannot be read as an image \(.+\): take/],
    ['pixels that are missing', rawPng(9, 9, 0, new Uint8Array(30)), /\(it is cut off\)/],
    [
      '100,000 x 100,000',
      rawPng(1e5, 1e5, 0, new Uint8Array(9)),
      /\(it is 100000 x 100000 pixels large, and at most 40 megapixels/,
    ],
    ['4 x 4 of 20 MB', rawPng(4, 4, 1, new Uint8Array(2e7)), /cannot be read as an image \(.+\)/],
    ['no pixels', rawPng(0, 5, 0, new Uint8Array(5)), /cannot be read as an image \(.+\): take/],
    ['a cut JPEG', jpeg.subarray(0, 700), /cannot be read as an image \(.+\): take/],
    ['a JPEG of its first bytes only', jpeg.subarray(0, 3), /cannot be read as an image/],
    ['a JPEG of 65,535 x 65,535', hugeJpeg, /\(it is 65535 x 65535 pixels large, and at most 40/],
    ['1 x 40,000,000', rawPng(1, 4e7, 0, new Uint8Array(9)), /and 20000 on a side are read\)/],
    ['16 bits x 4 of 40 MP', hugeRgba, /\(it unpacks to 320005000 bytes, and at most 100000000/],
    [
      'a JPEG of 1,000 scans',
      manyScans,
      /\(it takes too much work \(1000 scans of 4096 pixels\)\)/,
    ],
    ['a JPEG of 12 bits', twelveBits, /\(it is a JPEG of a rare kind/],
  ];
  it.each(bad)('refuses %s in one sentence', async (_, bytes, sentence) => {
    const path = stored(bytes);
    const error: unknown = await readPicture(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ImageError);
    if (!(error instanceof ImageError)) return;
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch(/^\S+ [^\n]+\.$/);
    expect(error.message.startsWith(path)).toBe(true);
  });

  it('refuses what is not there, a folder, and more than 32 MiB', async () => {
    const folder = temporaryFolder();
    await expect(readPicture(join(folder, 'no.png'))).rejects.toThrow(
      `${join(folder, 'no.png')} cannot be read (there is no such file or folder): give a PNG or JPEG file.`,
    );
    mkdirSync(join(folder, 'x.png'));
    await expect(readPicture(join(folder, 'x.png'))).rejects.toThrow(
      /\(it is a folder\): give a PNG/,
    );
    await expect(readPicture(stored(new Uint8Array(33 * 2 ** 20)))).rejects.toThrow(
      /\(it has 34603008 bytes, more than the 33554432 that are allowed\): give a PNG/,
    );
  });
});

function forJpeg({ width, height, rgba }: Picture): {
  width: number;
  height: number;
  data: Uint8Array;
} {
  return { width, height, data: rgba };
}
