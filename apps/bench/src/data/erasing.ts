/**
 * Random Erasing as a run wants it: once before training, anew every epoch, or not at all; and what came of
 * it, for the record.
 */

import { areaStatistics, randomErasing, type RandomErasingResult } from '@fashion-bench/augment';
import { studyRecipe } from '@fashion-bench/cnn/recipes';
import { IMAGE_COLUMNS, IMAGE_ROWS } from '@fashion-bench/dataset';
import type { AugmentInfo } from '@fashion-bench/report';

const { p } = studyRecipe.erasing;

export interface Eraser {
  /** What training starts from: erased images for `once`, else the given ones. */
  readonly images: Uint8Array;
  /** The images of an epoch, from 1; only for `epoch`. */
  readonly imagesOfEpoch?: (epoch: number) => Uint8Array;
  /** What was erased so far. */
  readonly info: () => AugmentInfo;
}

/** @param images [n * 28 * 28], not changed */
export function eraserOf(mode: AugmentInfo['mode'], images: Uint8Array, seed: number): Eraser {
  if (mode === 'none') {
    const info = { mode, p: null, erased: 0, fraction: 0, areaPixels: null };
    return { images, info: () => info };
  }
  const passes: Pick<RandomErasingResult, 'areas' | 'count'>[] = [];
  const erase = (epoch: number): Uint8Array => {
    const shape = { rows: IMAGE_ROWS, columns: IMAGE_COLUMNS };
    const { areas, count, images: erased } = randomErasing(images, shape, { p, seed, epoch });
    passes.push({ areas, count });
    return erased;
  };
  const info = (): AugmentInfo => {
    const areas = Uint16Array.from(passes.flatMap((pass) => [...pass.areas]));
    const seen = passes.reduce((sum, { count }) => sum + count, 0);
    return {
      mode,
      p,
      erased: areas.length,
      fraction: seen === 0 ? 0 : areas.length / seen,
      areaPixels: areasForRecord(areas),
    };
  };
  if (mode === 'once') return { images: erase(0), info };
  return { images, imagesOfEpoch: erase, info };
}

function areasForRecord(areas: Uint16Array): AugmentInfo['areaPixels'] {
  const statistics = areaStatistics(areas);
  if (statistics === undefined) return null;
  const { mean, min, lowerQuartile, median, upperQuartile, max } = statistics;
  return { mean, min, p25: lowerQuartile, median, p75: upperQuartile, max };
}
