/** What this machine's matrix products reach at best: the fastest call of the fastest of three bare products. */

import { bareProduct, PRODUCTS, type ProductShape } from '@fashion-bench/knn';
import type { ProductPeak } from '@fashion-bench/report';

import { type Sampling, sampleSeconds } from '../measure.ts';

/** @throws the signal's reason when it is aborted */
export async function measurePeak(
  shape: ProductShape,
  threads: number,
  sampling: Sampling,
): Promise<ProductPeak> {
  let best: ProductPeak | undefined;
  for (const kind of PRODUCTS) {
    const product = await bareProduct(kind, shape, threads);
    try {
      const seconds = await sampleSeconds(() => product.run(), sampling);
      const gops = (2 * shape.queries * shape.rows * shape.columns) / Math.min(...seconds) / 1e9;
      if (!best || gops > best.gops) best = { gops, product: product.path, n: seconds.length };
    } finally {
      await product.dispose();
    }
  }
  if (!best) throw new Error('no product was tried');
  return best;
}
