/**
 * Timing one call many times, through tinybench, and the statistics that a record keeps.
 *
 * tinybench's defaults (64 iterations, 16 warm-ups, half a second at least, one extra call to find out
 * whether the function is async) are absurd for calls of seconds, so everything is set here. Its own
 * samples come back sorted; a record wants them in the order measured, so the call is timed inside and
 * handed over as `overriddenDuration`.
 */

import { setImmediate } from 'node:timers/promises';

import { type KernelTiming, quantile } from '@fashion-bench/report';
import { Bench } from 'tinybench';

/** How often something is timed: as often as the time allows, within bounds. */
export interface Repetitions {
  /** Timed calls, however long one takes: a comparison of two runs needs some of each. */
  readonly least: number;
  readonly most: number;
  /** Time for all of them. */
  readonly seconds: number;
}

/** @param once seconds of one call; NaN or 0 where none was timed yet */
export function repetitionsWithin({ least, most, seconds }: Repetitions, once: number): number {
  return once > 0 ? Math.min(most, Math.max(least, Math.floor(seconds / once))) : least;
}

export interface Sampling {
  /** Timed calls; how many of them is decided by the last warm-up. */
  readonly repetitions: Repetitions;
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
  { repetitions, warmups, signal, afterEach }: Sampling,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  const timed = async (): Promise<{ overriddenDuration: number }> => {
    // Not handed to tinybench, which would leave a listener on the signal for every call of this function.
    signal?.throwIfAborted();
    const start = performance.now();
    await call();
    const milliseconds = performance.now() - start;
    seconds.push(milliseconds / 1000);
    afterEach?.();
    // A call in plain JavaScript never waits: without this no signal would get through.
    await setImmediate();
    return { overriddenDuration: milliseconds };
  };
  for (let i = 0; i < warmups; i++) await timed();
  const iterations = repetitionsWithin(repetitions, seconds.at(-1) ?? Number.NaN);
  const bench = new Bench({ iterations, time: 0, warmup: false, throws: true });
  bench.add('call', timed, { async: true });
  await bench.run();
  signal?.throwIfAborted();
  return seconds.slice(-iterations);
}

type Spread = Pick<
  KernelTiming,
  | ('n' | 'medianSeconds' | 'meanSeconds' | 'sdSeconds')
  | ('p25Seconds' | 'p75Seconds' | 'minSeconds' | 'maxSeconds')
>;

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
