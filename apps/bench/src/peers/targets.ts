/** What a race on the whole of the real data promises: bands of the ratio of medians, by the race's first clock. */

import { type Expectation, lapSeconds, oursOf, type Race, ratioOf } from '@fashion-bench/report';

const AT_MOST: readonly {
  readonly peer: string;
  readonly ratio: number;
  readonly words: string;
  /** Where the promise holds; everywhere if not said. */
  readonly device?: 'gpu';
}[] = [
  { peer: 'keras', ratio: 1, words: 'at most 1.0 times its time' },
  { peer: 'torch', ratio: 1, words: 'at most 1.0 times its time', device: 'gpu' },
  { peer: 'faiss', ratio: 1 / 4, words: 'at most 1/4 of its time' },
  { peer: 'sklearn', ratio: 1 / 12, words: 'at most 1/12 of its time' },
];

export function targetsOf(races: readonly Race[]): readonly Expectation[] {
  return races.flatMap((race) => {
    const [clock = ''] = race.clocks;
    const ours = lapSeconds(oursOf(race), clock);
    return AT_MOST.flatMap(({ peer, ratio, words, device }) => {
      if (device !== undefined && race.settings['device'] !== device) return [];
      const other = race.contestants.find(({ id }) => id === peer);
      if (other === undefined || ours.length === 0) return [];
      const measured = ratioOf(ours, lapSeconds(other, clock)).ratio;
      const name = `${race.name}, ${clock}, beside ${other.name}`;
      return [{ name, expected: words, measured, ok: measured <= ratio }];
    });
  });
}
