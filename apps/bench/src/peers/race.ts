/** Rounds of laps: every contestant once in each, always in the same order, while the others wait. */

import type { AbsentContestant, Contestant, Lap, Race } from '@fashion-bench/report';

import type { Progress } from '../process/progress.ts';
import { type Entrant, OURS, type Program } from './contestants.ts';
import type { Job, LapAnswer, ReadyAnswer } from './messages.ts';
import { ContestantError, Runner } from './runner.ts';

export interface RacePlan {
  /** What the record says about the race. */
  readonly race: Omit<Race, 'contestants' | 'absent' | 'ours'>;
  readonly job: Job;
  /** Whether our own laps are worth keeping where nobody else takes part. */
  readonly alone: boolean;
  /** Ours first. */
  readonly entrants: readonly Entrant[];
}

export interface RaceHooks {
  readonly programOf: (entrant: Entrant) => Program;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called after every whole round, so that an interrupted race keeps its rounds. */
  readonly afterRound: (race: Race) => Promise<void>;
}

interface Running {
  readonly entrant: Entrant;
  readonly runner: Runner;
  readonly ready: ReadyAnswer;
  readonly laps: Lap[];
  peakMemoryBytes: number;
}

/**
 * Runs all rounds of one race. Whoever cannot start is named in `absent`; only our own program must.
 *
 * @throws ContestantError where ours cannot start, nobody else can, or someone breaks off; the signal's reason
 */
export async function runRace(plan: RacePlan, hooks: RaceHooks): Promise<Race> {
  const { progress, signal } = hooks;
  const { rounds, threads } = plan.job;
  const running: Running[] = [];
  const absent: AbsentContestant[] = [];
  const title = plan.race.name;
  try {
    for (const entrant of plan.entrants) {
      signal.throwIfAborted();
      progress.note(`${title}: ${entrant.name} warms up`);
      try {
        const started = await Runner.start(
          entrant.name,
          hooks.programOf(entrant),
          plan.job,
          hooks.env,
          signal,
        );
        running.push({ entrant, ...started, laps: [], peakMemoryBytes: 0 });
      } catch (error) {
        if (!(error instanceof ContestantError) || signal.aborted) throw error;
        if (entrant.id === OURS) {
          throw new ContestantError(`Our own program cannot race: ${error.message}.`, {
            cause: error,
          });
        }
        absent.push({ id: entrant.id, name: entrant.name, reason: error.message });
        progress.note(`${entrant.name} does not take part: ${error.message}`);
      }
    }
    if (running.length < 2 && !plan.alone) {
      throw new ContestantError(
        `There is nobody to race with${absent.map(({ name, reason }) => `; ${name}: ${reason}`).join('')}. Install what benchmarks/peers/requirements.txt lists, and name that Python with --python.`,
      );
    }
    let race = raceOf(plan, running, absent, threads);
    const task = progress.task(title, rounds * running.length, 'laps');
    try {
      for (let round = 0; round < rounds; round++) {
        for (const [index, one] of running.entries()) {
          signal.throwIfAborted();
          note(one, await one.runner.lap());
          task.update(round * running.length + index + 1, one.entrant.name);
        }
        race = raceOf(plan, running, absent, threads);
        task.log(`${title}, round ${round + 1} of ${rounds}: ${roundWords(race)}`);
        await hooks.afterRound(race);
      }
    } finally {
      task.finish();
    }
    return race;
  } catch (error) {
    // A contestant that was ended because the user stops the race has not failed.
    signal.throwIfAborted();
    throw error;
  } finally {
    await Promise.all(running.map(({ runner }) => runner.end()));
  }
}

function note(one: Running, { seconds, loss, accuracy, peakMemoryBytes }: LapAnswer): void {
  one.laps.push({ seconds, loss, accuracy });
  one.peakMemoryBytes = peakMemoryBytes;
}

function raceOf(
  { race }: RacePlan,
  running: readonly Running[],
  absent: readonly AbsentContestant[],
  threads: number,
): Race {
  const contestants = running.map(({ entrant, ready, laps, peakMemoryBytes }): Contestant => {
    const { versions, details, blas } = ready;
    return {
      ...{ id: entrant.id, name: entrant.name, versions, details, blas, threads },
      laps: [...laps],
      peakMemoryBytes: peakMemoryBytes === 0 ? null : peakMemoryBytes,
      agreement: null,
    };
  });
  return { ...race, ours: OURS, contestants, absent: [...absent] };
}

function roundWords({ contestants, clocks }: Race): string {
  const [clock = ''] = clocks;
  return contestants
    .map(({ name, laps }) => `${name} ${laps.at(-1)?.seconds[clock]?.toFixed(2) ?? '?'} s`)
    .join(', ');
}
