/** Measures the point in its one argument, as JSON, and prints what it found, as JSON. Started by scaling.run.ts. */

import { z } from 'zod';

import { measurePoint } from './measure.ts';

const whole = z.int().positive();
const argument: unknown = JSON.parse(process.argv[2] ?? 'null');
const point = z
  .strictObject({
    ...{ rows: whole, columns: whole, blockRows: whole, queries: whole, k: whole, threads: whole },
    seed: z.int().nonnegative(),
  })
  .parse(argument);
process.stdout.write(JSON.stringify(await measurePoint(point)));
