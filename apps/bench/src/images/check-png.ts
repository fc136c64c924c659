/**
 * What a PNG asks for, before pngjs unpacks it: that library has no bound for interlaced images, so that a small file
 * could ask for gigabytes. (PNG specification, third edition, sections 5.3, 8 and 11.2.1)
 */

import { inflateSync } from 'node:zlib';

/** Channels of a pixel, by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * @param bytes of a file that begins as a PNG does
 * @throws Error whose message is half a sentence
 */
export function checkPng(bytes: Buffer, maxPixels: number): void {
  const chunks = chunksOf(bytes);
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.data.length !== 13) throw new Error('it has no header');
  const { data } = header;
  const [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
  const [depth, colour, interlaced] = [data.readUInt8(8), data.readUInt8(9), data.readUInt8(12)];
  if (width * height > maxPixels) {
    throw new Error(
      `it declares ${width} x ${height} pixels, more than ${maxPixels / 1e6} megapixels`,
    );
  }
  const channels = CHANNELS[colour];
  if (channels === undefined || ![1, 2, 4, 8, 16].includes(depth)) {
    throw new Error('its kind of colours is none that PNG has');
  }
  // In each pass, a row has a byte for its filter, and ends on a whole byte.
  const size = passes(width, height, interlaced !== 0).reduce(
    (sum, [w, h]) => sum + (w && h && h * (1 + Math.ceil((w * channels * depth) / 8))),
    0,
  );
  const packed = Buffer.concat(
    chunks.filter(({ type }) => type === 'IDAT').map((chunk) => chunk.data),
  );
  if (inflateSync(packed, { maxOutputLength: size }).length < size) throw new Error('cut off');
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function chunksOf(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) throw new Error('cut off');
    const type = bytes.toString('latin1', at + 4, at + 8);
    chunks.push({ type, data: bytes.subarray(at + 8, end) });
    if (type === 'IEND') break;
    at = end + 4;
  }
  return chunks;
}

/** Width and height of each pass: one, or Adam7's seven. */
function passes(
  width: number,
  height: number,
  interlaced: boolean,
): readonly (readonly [number, number])[] {
  if (!interlaced) return [[width, height]];
  const steps = [
    ...[[0, 0, 8, 8] as const, [4, 0, 8, 8] as const, [0, 4, 4, 8] as const],
    ...[[2, 0, 4, 4] as const, [0, 2, 2, 4] as const, [1, 0, 2, 2] as const, [0, 1, 1, 2] as const],
  ];
  return steps.map(([x, y, dx, dy]) => [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)]);
}
