/** Searches some queries of the real data by two loops. Arguments: k, from, to. Prints its result in base64. Started by exactness.run.ts. */

import { IMAGE_SIZE, loadFashionMnist } from '@fashion-bench/dataset';
import { z } from 'zod';

import { plainSearch } from './plain.ts';

const whole = z.coerce.number<string>().int().nonnegative();
const [k, from, to] = z.tuple([whole, whole, whole]).parse(process.argv.slice(2));
const { train, test } = await loadFashionMnist();
const { indices, squaredDistances } = plainSearch(
  ...([train.images, test.images, IMAGE_SIZE, k, from, to] as const),
);
const base64 = (array: Int32Array): string =>
  Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64');
process.stdout.write(
  JSON.stringify({ indices: base64(indices), squaredDistances: base64(squaredDistances) }),
);
