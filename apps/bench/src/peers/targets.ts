/** What a race on the whole of the real data promises: bands of the ratio of medians, by the race's first clock. */

import { type Expectation, lapSeconds, oursOf, type Race, ratioOf } from '@fashion-bench/report';

import type { ContestantSpec } from './contestants/contestant.ts';

export function targetsOf(
  races: readonly Race[],
  contestants: readonly ContestantSpec[],
): readonly Expectation[] {
  return races.flatMap((race) => {
    const [clock = ''] = race.clocks;
    const ours = lapSeconds(oursOf(race), clock);
    return contestants.flatMap(({ id, race: kind, target }) => {
      const other = race.contestants.find((one) => one.id === id);
      if (target === null || kind !== race.kind || other === undefined) return [];
      if (ours.length === 0) return [];
      if (target.device === 'gpu' && race.settings['device'] !== 'gpu') return [];
      const measured = ratioOf(ours, lapSeconds(other, clock)).ratio;
      const name = `${race.name}, ${clock}, beside ${other.name}`;
      const expected = `at most ${target.factor === 1 ? '' : `1/${target.factor} of `}its time`;
      return [{ name, expected, measured, ok: measured <= 1 / target.factor }];
    });
  });
}
