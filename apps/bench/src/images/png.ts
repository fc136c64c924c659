/**
 * PNG, decoded by pngjs from a file made clean first: that library has no bound for interlaced images, so that a small file
 * could ask for gigabytes, and refuses what other readers pass over: bytes behind the end chunk, or more image data than
 * the image has. (PNG specification, third edition, sections 5.3, 8, 11.2.1, 11.2.2, 11.3.2.5 and 13.2)
 */

import { crc32, deflateSync, inflateSync } from 'node:zlib';

import { systemCode } from '@fashion-bench/files';
import { PNG } from 'pngjs';

import { checkSize, type Picture, PictureProblem } from './picture.ts';

/** Depths of a channel and channels of a pixel, by colour type. */
const COLOURS: Readonly<Record<number, readonly [readonly number[], number]>> = {
  0: [[1, 2, 4, 8, 16], 1],
  2: [[8, 16], 3],
  3: [[1, 2, 4, 8], 1],
  4: [[8, 16], 2],
  6: [[8, 16], 4],
};
/** What shows in the pixels; the rest is for others. */
const KEPT: readonly string[] = ['IHDR', 'PLTE', 'tRNS'];
/** Of the image as it is filtered, for less than 1 GiB in pngjs: 25 megapixels of RGBA, 12 of RGBA with 16 bits. */
const MAX_IMAGE_BYTES = 100e6;
/** So much image data more than the image has is passed over. */
const SURPLUS_BYTES = 2 ** 20;

/**
 * @param bytes of a file that begins as a PNG does
 * @returns the picture, and what an eXIf chunk holds
 * @throws PictureProblem, or whatever pngjs throws
 */
export function decodePng(bytes: Buffer): Picture & { readonly exif: Buffer | undefined } {
  const chunks = chunksOf(bytes);
  const [header] = chunks;
  if (header?.type !== 'IHDR' || header.data.length !== 13) {
    throw new PictureProblem('has no header');
  }
  const size = imageBytes(header.data);
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data);
  const image = unpacked(Buffer.concat(packed), size);
  const clean = Buffer.concat([
    bytes.subarray(0, 8),
    ...chunks.filter(({ type }) => KEPT.includes(type)).map(({ type, data }) => chunk(type, data)),
    ...[chunk('IDAT', deflateSync(image, { level: 0 })), chunk('IEND', Buffer.alloc(0))],
  ]);
  const { width, height, data } = PNG.sync.read(clean);
  return { width, height, rgba: data, exif: chunks.find(({ type }) => type === 'eXIf')?.data };
}

/** Bytes of the image as it is filtered, after a check of what the header says. */
function imageBytes(header: Buffer): number {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colour, interlaced] = [
    header.readUInt8(8),
    header.readUInt8(9),
    header.readUInt8(12),
  ];
  checkSize(width, height);
  const [depths, channels] = COLOURS[colour] ?? [[], 0];
  if (!depths.includes(depth) || interlaced > 1 || header.readUInt16BE(10) !== 0) {
    throw new PictureProblem('has a header that no PNG has');
  }
  // In each pass, a row has a byte for its filter, and ends on a whole byte.
  const size = passes(width, height, interlaced !== 0).reduce(
    (sum, [w, h]) => sum + (w && h && h * (1 + Math.ceil((w * channels * depth) / 8))),
    0,
  );
  if (size <= MAX_IMAGE_BYTES) return size;
  throw new PictureProblem(`unpacks to ${size} bytes, and at most ${MAX_IMAGE_BYTES} are read`);
}

function unpacked(packed: Buffer, size: number): Buffer {
  try {
    const image = inflateSync(packed, { maxOutputLength: size + SURPLUS_BYTES });
    if (image.length >= size) return image.subarray(0, size);
  } catch (error) {
    if (systemCode(error) === 'ERR_BUFFER_TOO_LARGE') {
      throw new PictureProblem('unpacks to far more than the image it declares');
    }
    if (systemCode(error) !== 'Z_BUF_ERROR') throw new PictureProblem('is damaged');
  }
  throw new PictureProblem('is cut off');
}

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

/** Up to the end chunk. */
function chunksOf(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) throw new PictureProblem('is cut off');
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return chunks;
    if (KEPT.includes(type) && crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) {
      throw new PictureProblem('is damaged');
    }
    chunks.push({ type, data: bytes.subarray(at + 8, end) });
    at = end + 4;
  }
  // The image itself says whether it is whole.
  return chunks;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
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
