/** Rounds of laps: every contestant once in each, always in the same order, while the others wait. */

import type { AbsentContestant, Contestant, Lap, Race } from '@fashion-bench/report';

import type { Progress } from '../process/progress.ts';
import type { ContestantSpec, ProgramSetting } from './contestants/contestant.ts';
import type { Job, LapAnswer, ReadyAnswer } from './messages.ts';
import { OURS } from './ours.ts';
import { ContestantError, Runner } from './runner.ts';

export interface RacePlan {
  /** What the record says about the race. */
  readonly race: Omit<Race, 'contestants' | 'absent' | 'ours'>;
  readonly job: Job;
  /** Whether our own laps are worth keeping where nobody else takes part. */
  readonly alone: boolean;
  /** Ours first. */
  readonly contestants: readonly ContestantSpec[];
}

export interface RaceHooks {
  /** How programs are started, and the environment that each gets with its own additions. */
  readonly setting: ProgramSetting;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Called after every whole round, so that an interrupted race keeps its rounds. */
  readonly afterRound: (race: Race) => Promise<void>;
}

interface Started {
  readonly runner: Runner;
  readonly ready: ReadyAnswer;
}

interface Running extends Started {
  readonly contestant: ContestantSpec;
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
    for (const contestant of plan.contestants) {
      signal.throwIfAborted();
      progress.note(`${title}: ${contestant.name} warms up`);
      try {
        const started = await start(contestant, plan.job, hooks);
        running.push({ contestant, ...started, laps: [], peakMemoryBytes: 0 });
      } catch (error) {
        if (!(error instanceof ContestantError) || signal.aborted) throw error;
        if (contestant.id === OURS) {
          throw new ContestantError(`Our own program cannot race: ${error.message}.`, {
            cause: error,
          });
        }
        absent.push({ id: contestant.id, name: contestant.name, reason: error.message });
        progress.note(`${contestant.name} does not take part: ${error.message}`);
      }
    }
    if (running.length < 2 && !plan.alone) {
      throw new ContestantError(
        `There is nobody to race with${absent.map(({ name, reason }) => `; ${name}: ${reason}`).join('')}. Install a library as docs/races.md says, and name that Python with --python.`,
      );
    }
    let race = raceOf(plan, running, absent, threads);
    const task = progress.task(title, rounds * running.length, 'laps');
    try {
      for (let round = 0; round < rounds; round++) {
        for (const [index, one] of running.entries()) {
          signal.throwIfAborted();
          note(one, await one.runner.lap());
          task.update(round * running.length + index + 1, one.contestant.name);
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

/** @throws ContestantError with the reason why it cannot take part */
async function start(
  { name, gpu, environment, program }: ContestantSpec,
  job: Job,
  { setting, signal }: RaceHooks,
): Promise<Started> {
  if (job.kind === 'cnn' && job.gpu && !gpu) {
    throw new ContestantError('it races on the processor only');
  }
  const { file, args, env } = program(setting);
  return Runner.start(
    name,
    { file, args, env: { ...setting.env, ...environment, ...env } },
    job,
    signal,
  );
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
  const contestants = running.map(({ contestant, ready, laps, peakMemoryBytes }): Contestant => {
    const { id, name, environment } = contestant;
    const { versions, blas } = ready;
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    return {
      ...{ id, name, versions, blas, threads },
      details: [ready.details, ...variables].join(', '),
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
