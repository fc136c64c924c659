/** A picture, and what a file may ask for: looked at before anything is unpacked. */

/** Row-major pixels of four bytes: red, green, blue, opacity. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** A picture that cannot be read, as the half of a sentence that follows "it". */
export class PictureProblem extends Error {
  override readonly name = 'PictureProblem';
}

const MAX_PIXELS = 40e6;
/** Decoders spend memory on every row and column besides that on pixels. */
const MAX_SIDE = 20_000;

/** @throws PictureProblem */
export function checkSize(width: number, height: number): void {
  if (width < 1 || height < 1) throw new PictureProblem('has no pixels');
  if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
    throw new PictureProblem(
      `is ${width} x ${height} pixels large, and at most ${MAX_PIXELS / 1e6} megapixels and ${MAX_SIDE} on a side are read`,
    );
  }
}
