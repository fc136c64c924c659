/**
 * Timing one call many times, through tinybench, and the statistics that a record keeps.
 *
 * tinybench's defaults (64 iterations, 16 warm-ups, half a second at least, one extra call to find out
 * whether the function is async) are absurd for calls of seconds, so everything is set here. Its own
 * samples come back sorted; a record wants them in the order measured, so the call is timed inside and
 * handed over as `overriddenDuration`.
 */

import { setImmediate } from 'node:timers/promises';

import { quantile } from '@fashion-bench/report';
import { Bench } from 'tinybench';

export interface Sampling {
  /** Timed calls. */
  readonly iterations: number;
  /** Calls before them that nobody counts. */
  readonly warmups: number;
  readonly signal?: AbortSignal;
  /** Called after each call, warm-ups included, outside the clock. */
  readonly afterEach?: () => void;
}

/**
 * Seconds of every timed call, in the order measured. `call` must do its whole work before it returns or
 * its promise resolves.
 *
 * @throws whatever `call` throws, and the signal's reason when it is aborted
 */
export async function sampleSeconds(
  call: () => unknown,
  { iterations, warmups, signal, afterEach }: Sampling,
): Promise<readonly number[]> {
  signal?.throwIfAborted();
  const bench = new Bench({
    iterations,
    time: 0,
    warmup: warmups > 0,
    warmupIterations: warmups,
    warmupTime: 0,
    throws: true,
  });
  const seconds: number[] = [];
  const timed = async (): Promise<{ overriddenDuration: number }> => {
    // Not handed to tinybench, which would leave a listener on the signal for every call of this function.
    signal?.throwIfAborted();
    const start = bench.now();
    await call();
    const milliseconds = bench.now() - start;
    seconds.push(milliseconds / 1000);
    afterEach?.();
    // A call in plain JavaScript never waits: without this no signal would get through.
    await setImmediate();
    return { overriddenDuration: milliseconds };
  };
  bench.add('call', timed, { async: true });
  await bench.run();
  signal?.throwIfAborted();
  return seconds.slice(-iterations);
}

export interface Spread {
  readonly n: number;
  readonly medianSeconds: number;
  readonly meanSeconds: number;
  readonly sdSeconds: number;
  readonly p25Seconds: number;
  readonly p75Seconds: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
}

/** @param samples seconds, not empty, in any order */
export function spreadOf(samples: readonly number[]): Spread {
  const n = samples.length;
  const mean = samples.reduce((sum, value) => sum + value, 0) / n;
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    n,
    medianSeconds: quantile(samples, 0.5),
    meanSeconds: mean,
    sdSeconds: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
    p25Seconds: quantile(samples, 0.25),
    p75Seconds: quantile(samples, 0.75),
    minSeconds: quantile(samples, 0),
    maxSeconds: quantile(samples, 1),
  };
}
