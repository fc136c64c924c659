// Random Erasing (Zhong et al., arXiv 1708.04896) with the semantics of the Keras code that the study used:
// get_random_eraser of yu4u/cutout-random-erasing. It differs from the paper's own code: sizes are cut off, not rounded;
// the place is drawn with the size over the whole image and everything is drawn again until it fits, without limit, so
// accepted areas lean to the small side; the ratio is uniform, not log-uniform.

import { types } from 'node:util';
import { randomStream, shown } from '@fashion-bench/random';
import type { RandomStream } from '@fashion-bench/random';
import { checkOptions } from './checks.ts';
import { AugmentError } from './errors.ts';
import { planErasing } from './options.ts';
import type { ErasingPlan, ImageShape, RandomErasingOptions } from './options.ts';
import { areaStatistics } from './statistics.ts';
import type { AreaStatistics } from './statistics.ts';

export interface RandomErasingResult {
  /** [n * rows * columns * channels], a new array. */
  readonly images: Uint8Array;
  /** Number of images. */
  readonly count: number;
  /** Number of images with a rectangle. */
  readonly erased: number;
  /** erased / count, near p. */
  readonly fraction: number;
  /** [erased], pixels of each rectangle in the order of the images. */
  readonly areas: Uint16Array;
  /** Distribution of the areas; undefined when no image was erased. */
  readonly areaStatistics: AreaStatistics | undefined;
}

interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Far beyond any options of practical use; only keeps a run from hanging where hardly anything fits. */
const MAX_DRAWS = 1_000_000;

/**
 * Copies the images and overwrites a random rectangle in about a share p of them. The erasure of image i depends on
 * seed, epoch and i only, not on the other images.
 *
 * For each image u = U(0, 1) is drawn; if u > p the image stays as it is. Otherwise, until the rectangle fits: area
 * S = U(sL, sH) * rows * columns, ratio r = U(r1, r2), width floor(sqrt(S / r)), height floor(sqrt(S * r)), left and top
 * uniform over the image. It is filled with one value U(vL, vH), or with one for each pixel and channel. Fill values are
 * real numbers cut off to whole ones, as numpy stores a float into uint8: 0..255 fills with 0 to 254.
 *
 * @param images [n * rows * columns * channels] uint8; not changed.
 * @throws AugmentError 'option' | 'shape' | 'images'; InvalidSeedError of \@fashion-bench/random.
 */
export function randomErasing(
  images: Uint8Array,
  shape: ImageShape,
  options: RandomErasingOptions,
): RandomErasingResult {
  if (!types.isUint8Array(images)) {
    throw new AugmentError(
      'images',
      `The images must be a Uint8Array of pixels from 0 to 255, not ${shown(images)}.`,
    );
  }
  const { rows, columns, channels = 1 } = checkShape(shape);
  const plan = planErasing(options, shape);
  const imageBytes = rows * columns * channels;
  const count = images.length / imageBytes;
  if (!Number.isInteger(count) || count === 0) {
    throw new AugmentError(
      'images',
      `${images.length} bytes are no whole number of images of ${rows} x ${columns} x ${channels} bytes.`,
    );
  }

  // Not images.slice(): a Buffer's would be a view.
  const out = new Uint8Array(images);
  const areas = new Uint16Array(count);
  let erased = 0;
  for (let i = 0; i < count; i++) {
    const stream = randomStream(plan.seed, 'random-erasing', plan.epoch, i);
    if (stream.uniform() > plan.p) continue;
    const rectangle = drawRectangle(stream, plan, rows, columns);
    fill(out, i * imageBytes, rectangle, columns, channels, stream, plan);
    areas[erased++] = rectangle.width * rectangle.height;
  }
  const used = areas.slice(0, erased);
  return {
    images: out,
    count,
    erased,
    fraction: erased / count,
    areas: used,
    areaStatistics: areaStatistics(used),
  };
}

function drawRectangle(
  stream: RandomStream,
  { sL, sH, r1, r2 }: ErasingPlan,
  rows: number,
  columns: number,
): Rectangle {
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const area = stream.uniform(sL, sH) * rows * columns;
    const ratio = stream.uniform(r1, r2);
    const width = Math.floor(Math.sqrt(area / ratio));
    const height = Math.floor(Math.sqrt(area * ratio));
    const left = stream.integer(0, columns);
    const top = stream.integer(0, rows);
    if (left + width <= columns && top + height <= rows) return { left, top, width, height };
  }
  throw new AugmentError(
    'option',
    `In ${MAX_DRAWS} draws no rectangle with sL ${sL}, sH ${sH}, r1 ${r1} and r2 ${r2} fitted into ${rows} x ${columns} pixels: lower sL or widen r1..r2.`,
  );
}

/** Overwrites the rectangle of the image that begins at byte `start`. */
function fill(
  out: Uint8Array,
  start: number,
  { left, top, width, height }: Rectangle,
  columns: number,
  channels: number,
  stream: RandomStream,
  { vL, vH, pixelLevel }: ErasingPlan,
): void {
  const value = pixelLevel ? 0 : Math.floor(stream.uniform(vL, vH));
  for (let row = top; row < top + height; row++) {
    const from = start + (row * columns + left) * channels;
    const to = from + width * channels;
    if (pixelLevel) for (let at = from; at < to; at++) out[at] = Math.floor(stream.uniform(vL, vH));
    else out.fill(value, from, to);
  }
}

function checkShape(shape: ImageShape): ImageShape {
  checkOptions('shape', shape, 'shape');
  const { rows, columns, channels = 1 } = shape;
  for (const [name, size] of Object.entries({ rows, columns, channels })) {
    if (!Number.isInteger(size) || size < 1) {
      throw new AugmentError(
        'shape',
        `${name} must be a whole number, at least 1, not ${shown(size)}.`,
      );
    }
  }
  if (rows * columns > 0xffff) {
    throw new AugmentError(
      'shape',
      `Images of ${rows} x ${columns} pixels are too large: at most 65535 pixels each.`,
    );
  }
  return shape;
}
