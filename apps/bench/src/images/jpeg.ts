/**
 * JPEG, decoded by jpeg-js, with what that library leaves to its caller: bounds on the number of scans, and whether three
 * components are YCbCr or RGB. (ITU-T T.81, annex B; ITU-T T.872, section 6.5.3, for Adobe's marker)
 */

import { decode } from 'jpeg-js';

import { checkSize, type Picture, PictureProblem } from './picture.ts';

/** Encoders make about ten, and each may touch every pixel. */
const MAX_SCANS = 64;
/** Pixels times scans, for a few seconds' work. */
const MAX_WORK = 400e6;
/** Pixels times channels, for less than 1 GiB in jpeg-js: 24 megapixels in colour. */
const MAX_SAMPLES = 72e6;
/** Of jpeg-js' own count; what is above is caught by the bounds before. */
const MAX_MEBIBYTES = 2048;

/** What the markers say before anything is decoded. */
interface Frame {
  readonly pixels: number;
  readonly components: readonly number[];
  readonly scans: number;
  /** The transform of Adobe's marker: 0 for none, 1 for YCbCr, 2 for YCCK; undefined where there is no marker. */
  readonly adobe: number | undefined;
  readonly jfif: boolean;
  readonly exif: Buffer | undefined;
}

/**
 * @param bytes of a file that begins as a JPEG does
 * @returns the picture, and what an Exif segment holds
 * @throws PictureProblem, or whatever jpeg-js throws
 */
export function decodeJpeg(bytes: Buffer): Picture & { readonly exif: Buffer | undefined } {
  const frame = frameOf(bytes);
  if (frame.scans > MAX_SCANS || frame.scans * frame.pixels > MAX_WORK) {
    throw new PictureProblem(
      `takes too much work (${frame.scans} scans of ${frame.pixels} pixels)`,
    );
  }
  const channels = frame.components.length;
  if (frame.pixels * channels > MAX_SAMPLES) {
    throw new PictureProblem(
      `has ${frame.pixels} pixels of ${channels} channels, and at most ${MAX_SAMPLES / 1e6} million samples are read`,
    );
  }
  if (![1, 3, 4].includes(channels) || (channels === 4 && frame.adobe === undefined)) {
    throw new PictureProblem(`has ${channels} channels that no marker explains`);
  }
  const { width, height, data } = decode(bytes, {
    useTArray: true,
    tolerantDecoding: false,
    colorTransform: frame.components.length === 3 && !isRgb(frame),
    maxMemoryUsageInMB: MAX_MEBIBYTES,
  });
  return { width, height, rgba: data, exif: frame.exif };
}

/** As libjpeg decides: JFIF is YCbCr, Adobe's marker says what it is, else the components may be named R, G and B. */
function isRgb({ components, adobe, jfif }: Frame): boolean {
  if (jfif) return false;
  return adobe === undefined ? String.fromCharCode(...components) === 'RGB' : adobe === 0;
}

function frameOf(bytes: Buffer): Frame {
  let size: { pixels: number; components: readonly number[] } | undefined;
  let [scans, jfif] = [0, false];
  let adobe: number | undefined;
  let exif: Buffer | undefined;
  for (const { marker, data } of segmentsOf(bytes)) {
    const begins = (name: string): boolean => data.toString('latin1', 0, name.length) === name;
    if (marker === 0xda) scans++;
    else if (marker === 0xe0 && begins('JFIF\0')) jfif = true;
    else if (marker === 0xe1 && begins('Exif\0\0')) exif ??= data.subarray(6);
    else if (marker === 0xee && begins('Adobe') && data.length > 11) adobe = data[11];
    else if (isFrame(marker)) {
      if (marker > 0xc2 || data[0] !== 8) {
        throw new PictureProblem(
          'is a JPEG of a rare kind (lossless, arithmetic or not of 8 bits)',
        );
      }
      if (data.length < 6 || size) throw new PictureProblem('is damaged');
      const [height, width] = [data.readUInt16BE(1), data.readUInt16BE(3)];
      checkSize(width, height);
      const components = Array.from({ length: data[5]! }, (_, i) => data[6 + 3 * i]!);
      size = { pixels: width * height, components };
    }
  }
  if (!size) throw new PictureProblem('is cut off');
  return { ...size, scans, adobe, jfif, exif };
}

/** Start of frame: C0 to CF but for tables and conditioning. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Markers that carry a length, with what follows it; image data between them is passed over. */
function* segmentsOf(bytes: Buffer): Generator<{ marker: number; data: Buffer }> {
  for (let at = bytes.indexOf(0xff); at >= 0 && at + 4 <= bytes.length;) {
    const marker = bytes[at + 1]!;
    // Stuffed zeros, padding, restarts and the start: nothing follows that belongs to them.
    const isBare = marker === 0 || marker === 0xff || marker === 1 || (marker & 0xf8) === 0xd0;
    if (marker === 0xd9) return;
    if (isBare || marker === 0xd8) {
      at = bytes.indexOf(0xff, marker === 0xff ? at + 1 : at + 2);
      continue;
    }
    const end = at + 2 + bytes.readUInt16BE(at + 2);
    yield { marker, data: bytes.subarray(at + 4, end) };
    at = bytes.indexOf(0xff, end);
  }
}
