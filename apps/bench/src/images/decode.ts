/** A PNG or JPEG file as colours, within limits: what an image declares is looked at before anything is unpacked. */

import { FileError, readRegularFile } from '@fashion-bench/files';
import exifReader from 'exif-reader';

import { ImageError } from '../process/errors.ts';
import { decodeJpeg } from './jpeg.ts';
import { type Picture, PictureProblem } from './picture.ts';
import { decodePng } from './png.ts';

const MAX_BYTES = 32 * 1024 * 1024;
const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const JPEG_MAGIC = [0xff, 0xd8, 0xff];

/**
 * Any PNG, and JPEG of 8 bits, progressive or not, upright: turned as its Exif orientation says.
 *
 * @throws ImageError for what is not there, no PNG or JPEG, damaged, or larger than 32 MiB, 40 megapixels or 20,000 pixels
 * on a side
 */
export async function readPicture(path: string): Promise<Picture> {
  const bytes = await readLimited(path);
  const begins = (magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);
  const isPng = begins(PNG_MAGIC);
  if (!isPng && !begins(JPEG_MAGIC)) {
    throw new ImageError(`${path} is neither a PNG nor a JPEG file: convert it to one of them.`);
  }
  try {
    const { exif, ...picture } = isPng ? decodePng(bytes) : decodeJpeg(bytes);
    return upright(picture, orientationOf(exif));
  } catch (error) {
    const problem = error instanceof PictureProblem ? error.message : 'is damaged';
    throw new ImageError(
      `${path} cannot be read as an image (it ${problem}): take another copy, or a smaller one.`,
      { cause: error },
    );
  }
}

async function readLimited(path: string): Promise<Buffer> {
  try {
    return await readRegularFile(path, { maximumBytes: MAX_BYTES });
  } catch (cause) {
    const reason = cause instanceof FileError ? cause.reason : String(cause);
    throw new ImageError(`${path} cannot be read (${reason}): give a PNG or JPEG file.`, { cause });
  }
}

/** 1 to 8, see `upright`; 1 where nothing or nonsense is said. */
function orientationOf(exif: Buffer | undefined): number {
  try {
    return (exif && exifReader(exif).Image?.Orientation) ?? 1;
  } catch {
    return 1;
  }
}

/**
 * Turned as the orientation says: 2 mirrored, 3 by half, 4 upside down, 5 to 8 with rows for columns. (Exif 2.32, section
 * 4.6.4, tag 274: where the first row and the first column of the stored picture belong)
 */
function upright(picture: Picture, orientation: number): Picture {
  if (!Number.isInteger(orientation) || orientation < 2 || orientation > 8) return picture;
  const { width, height, rgba } = picture;
  const swaps = orientation >= 5;
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  const turned = { width: swaps ? height : width, height: swaps ? width : height };
  const source = new Uint32Array(rgba.slice().buffer);
  const out = new Uint32Array(source.length);
  for (let y = 0; y < turned.height; y++) {
    for (let x = 0; x < turned.width; x++) {
      const [column, row] = swaps ? [y, x] : [x, y];
      const from = (fromBottom ? height - 1 - row : row) * width;
      out[y * turned.width + x] = source[from + (fromRight ? width - 1 - column : column)]!;
    }
  }
  return { ...turned, rgba: new Uint8Array(out.buffer) };
}
