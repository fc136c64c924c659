/**
 * A picture of any size as a Fashion-MNIST image: the steps of the data set's authors (Xiao, Rasul and Vollgraf 2017,
 * arXiv:1708.07747, section 2) on shop photographs. They trimmed edges close to the colour of the corner (5 % of the
 * largest intensity), shrank the longest edge to 28 by leaving out rows and columns, sharpened with a Gaussian of radius
 * and deviation 1, centred on 28 x 28, negated, and made it grey. Where they do not say how, it is done as ImageMagick
 * does it, whose words they use.
 */

import { IMAGE_COLUMNS, IMAGE_SIZE } from '@fashion-bench/dataset';

import type { Picture } from './picture.ts';

const SIDE = IMAGE_COLUMNS;
const CHANNELS = 3;
/** How far from the corner's colour an edge may be to be trimmed, along the diagonal of the cube of colours. */
const CLOSENESS = 0.05 * 255 * Math.sqrt(CHANNELS);

/**
 * The data set has its articles on black. Where the picture's upper left corner is light, as on shop photographs, all is
 * negated, as the authors did; where it is dark, the picture is taken to be negated already. What is transparent counts
 * as white. A picture of 28 x 28 is not trimmed, resized nor sharpened, so that an image of the data set stays what it is.
 *
 * @returns 784 bytes, row-major, 0 for the background
 */
export function fashionImage(picture: Picture): Uint8Array {
  const { width, height } = picture;
  const light = grey(colours(picture, { left: 0, top: 0, width: 1, height: 1 }, 1, 1), 0) > 127;
  const canvas = new Uint8ClampedArray(CHANNELS * IMAGE_SIZE).fill(light ? 255 : 0);
  if (width === SIDE && height === SIDE) {
    canvas.set(colours(picture, { left: 0, top: 0, width, height }, SIDE, SIDE));
  } else {
    const box = trimmed(picture);
    const scale = SIDE / Math.max(box.width, box.height);
    const columns = Math.max(1, Math.round(box.width * scale));
    const rows = Math.max(1, Math.round(box.height * scale));
    const sharp = sharpened(colours(picture, box, columns, rows), columns, rows);
    const [left, top] = [Math.floor((SIDE - columns) / 2), Math.floor((SIDE - rows) / 2)];
    const span = CHANNELS * columns;
    for (let y = 0; y < rows; y++) {
      canvas.set(sharp.subarray(y * span, (y + 1) * span), CHANNELS * ((top + y) * SIDE + left));
    }
  }
  return Uint8Array.from({ length: IMAGE_SIZE }, (_, i) => {
    const whole = Math.round(grey(canvas, i));
    return light ? 255 - whole : whole;
  });
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One channel of a pixel on white, 0 to 255. */
function onWhite(rgba: Uint8Array, pixel: number, channel: number): number {
  const opacity = rgba[4 * pixel + 3]! / 255;
  return 255 + (rgba[4 * pixel + channel]! - 255) * opacity;
}

/** A box of the picture in fewer or more rows and columns, each taken from the middle of what it stands for. */
function colours(
  { rgba, width }: Picture,
  box: Box,
  columns: number,
  rows: number,
): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(CHANNELS * rows * columns);
  for (let y = 0; y < rows; y++) {
    const from = box.top + Math.floor(((y + 0.5) * box.height) / rows);
    for (let x = 0; x < columns; x++) {
      const pixel = from * width + box.left + Math.floor(((x + 0.5) * box.width) / columns);
      for (let c = 0; c < CHANNELS; c++) {
        rgb[CHANNELS * (y * columns + x) + c] = onWhite(rgba, pixel, c);
      }
    }
  }
  return rgb;
}

/** Luma of ITU-R BT.601, 0 to 255. */
function grey(rgb: ArrayLike<number>, pixel: number): number {
  const at = CHANNELS * pixel;
  return 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
}

/**
 * The smallest box around all that differs from the corner: left and upper edge are compared with the upper left one, the
 * right edge with the upper right, the lower with the lower left. Everything where nothing differs.
 */
function trimmed({ rgba, width, height }: Picture): Box {
  const differs = (pixel: number, corner: number): boolean => {
    let square = 0;
    for (let c = 0; c < CHANNELS; c++) {
      square += (onWhite(rgba, pixel, c) - onWhite(rgba, corner, c)) ** 2;
    }
    return square > CLOSENESS ** 2;
  };
  const [upperRight, lowerLeft] = [width - 1, (height - 1) * width];
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      if ((x < left || y < top) && differs(pixel, 0)) {
        left = Math.min(left, x);
        top = Math.min(top, y);
      }
      if (x > right && differs(pixel, upperRight)) right = x;
      if (y > bottom && differs(pixel, lowerLeft)) bottom = y;
    }
  }
  if (right < left || bottom < top) return { left: 0, top: 0, width, height };
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The centre weighs twice the whole, itself included, its neighbours less than nothing; edges are repeated outwards. */
function sharpened(rgb: Uint8ClampedArray, columns: number, rows: number): Uint8ClampedArray {
  const weight = (dx: number, dy: number): number => Math.exp(-(dx * dx + dy * dy) / 2);
  const around = 4 * weight(1, 0) + 4 * weight(1, 1);
  const centre = 2 * (1 + around);
  const clamp = (i: number, length: number): number => Math.min(length - 1, Math.max(0, i));
  return rgb.map((own, i) => {
    const [pixel, channel] = [Math.floor(i / CHANNELS), i % CHANNELS];
    const [x, y] = [pixel % columns, Math.floor(pixel / columns)];
    let sum = centre * own;
    for (let dy = -1; dy <= 1; dy++) {
      for (let dx = -1; dx <= 1; dx++) {
        if (dx === 0 && dy === 0) continue;
        const at = clamp(y + dy, rows) * columns + clamp(x + dx, columns);
        sum -= weight(dx, dy) * rgb[CHANNELS * at + channel]!;
      }
    }
    return sum / (centre - around);
  });
}
