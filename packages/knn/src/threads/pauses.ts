/** Long computations on the caller's thread: generators that yield wherever they may pause, so that timers get through. */
import { setImmediate } from 'node:timers/promises';

export type Pausing<T> = Generator<undefined, T, undefined>;

const LONGEST_MS = 4;

/** Runs to the end, and lets the event loop go on whenever a few milliseconds have passed. */
export async function withPauses<T>(work: Pausing<T>): Promise<T> {
  let since = performance.now();
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
    if (performance.now() - since < LONGEST_MS) continue;
    await setImmediate();
    since = performance.now();
  }
}

export function withoutPauses<T>(work: Pausing<T>): T {
  for (let step = work.next(); ; step = work.next()) {
    if (step.done === true) return step.value;
  }
}
