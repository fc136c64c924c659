/** Images as pixels of an SVG (beside text) and as PNG (where they are the whole content). */

import { PNG } from 'pngjs';
import { round } from './svg.ts';

/** Pixels from side to side of an image. */
export const SIDE = 28;

/**
 * An image as vector runs, one path per grey level: it needs no second file and no data address, which some hosts
 * refuse inside an SVG. Grey levels are rounded to 64 steps, finer than the eye separates at this size.
 *
 * @param pixels [28 * 28], row by row, 0..255
 */
export function pixelGroup(pixels: Uint8Array, x: number, y: number, scale: number): string {
  const runs = new Map<number, string>();
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE;) {
      const from = column;
      const grey = pixels[row * SIDE + column]!;
      const step = grey >> 2;
      while (column < SIDE && pixels[row * SIDE + column]! >> 2 === step) column++;
      if (step > 0) runs.set(step, `${runs.get(step) ?? ''}M${from} ${row}h${column - from}`);
    }
  }
  // In capitals, so that the style sheet for dark pages, which looks for colours in small letters, leaves them alone.
  const paths = [...runs]
    .sort(([a], [b]) => a - b)
    .map(([step, d]) => {
      const hex = Math.round((step / 63) * 255)
        .toString(16)
        .padStart(2, '0')
        .toUpperCase();
      return `<path stroke="#${hex}${hex}${hex}" d="${d}"/>`;
    });
  // Runs are strokes along the middle of their row; black is the ground.
  return `<g transform="translate(${round(x)} ${round(y)}) scale(${scale})" shape-rendering="crispEdges"><rect width="${SIDE}" height="${SIDE}" fill="#000"/><g transform="translate(0 .5)">${paths.join('')}</g></g>`;
}

const SCALE = 2;
/** Transparent pixels between two images. */
const GAP = 4;

/** Images in a row, each pixel doubled, as a PNG with a transparent ground. @param wideAfter images before a wider gap */
export function pngStrip(images: readonly Uint8Array[], wideAfter = 0): Uint8Array {
  const cell = SIDE * SCALE;
  const wide = wideAfter > 0 && wideAfter < images.length ? 4 * GAP : 0;
  const width = images.length * (cell + GAP) - GAP + wide;
  const png = new PNG({ width, height: cell, colorType: 4 });
  png.data.fill(0);
  images.forEach((pixels, index) => {
    const left = index * (cell + GAP) + (wide > 0 && index >= wideAfter ? wide : 0);
    for (let y = 0; y < cell; y++) {
      for (let x = 0; x < cell; x++) {
        const grey = pixels[Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE)]!;
        const at = (y * width + left + x) * 4;
        png.data.fill(grey, at, at + 3);
        png.data[at + 3] = 255;
      }
    }
  });
  return new Uint8Array(PNG.sync.write(png, { colorType: 4, inputColorType: 6 }));
}
