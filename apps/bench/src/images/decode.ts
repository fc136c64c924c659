/** A PNG or JPEG file as colours, within limits: what an image declares is looked at before anything is unpacked. */

import { readFile, stat } from 'node:fs/promises';

import { decode as decodeJpeg, type RawImageData } from 'jpeg-js';
import { PNG } from 'pngjs';

import { codeOf, ImageError } from '../errors.ts';
import { checkPng } from './check-png.ts';

/** Row-major pixels of four bytes: red, green, blue, opacity. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_MEGAPIXELS = 40;
const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_MAGIC = [0xff, 0xd8, 0xff];

/**
 * Any PNG, and JPEG of 8 bits, progressive or not. What a camera notes about the way it was held is not applied.
 *
 * @throws ImageError for what is not there, no PNG or JPEG, damaged, or larger than 40 megapixels or 32 MiB
 */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readLimited(path);
  const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  const isPng = begins(PNG_MAGIC);
  if (!isPng && !begins(JPEG_MAGIC)) {
    throw new ImageError(`${path} is neither a PNG nor a JPEG file: convert it to one of them.`);
  }
  try {
    const { width, height, data } = isPng ? png(bytes) : jpeg(bytes);
    if (width < 1 || height < 1 || data.length !== 4 * width * height) throw new Error('cut off');
    return { width, height, rgba: data };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ImageError(
      `${path} cannot be read as an image (${detail.replaceAll(/\s+/g, ' ').replace(/[.!]$/, '')}): take another copy, or a smaller one.`,
      { cause: error },
    );
  }
}

async function readLimited(path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new ImageError(`${path} is no file: give a PNG or JPEG file.`);
    if (found.size > MAX_BYTES) {
      throw new ImageError(`${path} has more than 32 MiB: give a smaller image.`);
    }
    return await readFile(path);
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(
      `${path} cannot be read (${codeOf(error) ?? String(error)}): give a PNG or JPEG file.`,
      { cause: error },
    );
  }
}

function png(bytes: Buffer): PNG {
  checkPng(bytes, MAX_MEGAPIXELS * 1e6);
  return PNG.sync.read(bytes, { checkCRC: true });
}

function jpeg(bytes: Buffer): RawImageData<Uint8Array> {
  return decodeJpeg(bytes, {
    useTArray: true,
    tolerantDecoding: false,
    maxResolutionInMP: MAX_MEGAPIXELS,
    maxMemoryUsageInMB: 1024,
  });
}
