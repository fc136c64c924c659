/** The speed table of the README: drawn from the records of races, between two markers, and never written by hand. */

import { RecordError } from './errors.ts';
import { formatSeconds } from './format.ts';
import { blocks, escapeText, link, table } from './markdown.ts';
import { contestantName, formatRatio, RACE_KIND_NAMES, raceTitle } from './peers-report.ts';
import type { PeersRecord, Race } from './peers.ts';
import { lapSeconds, oursOf, RATIO_WORDS, ratioOf } from './ratio.ts';
import { runLabels } from './standing.ts';
import { quantile } from './statistics/proportions.ts';

const BEGIN = '<!-- speed table: begin (drawn by `pnpm bench peers readme`) -->';
const END = '<!-- speed table: end -->';

export interface RecordedRace {
  readonly record: PeersRecord;
  /** Where the record or its report lies, as a link from the text. */
  readonly url: string;
}

/** The table with its notes, without markers. @param recorded races, in the order of the rows */
function speedTable(recorded: readonly RecordedRace[]): string {
  if (recorded.every(({ record }) => record.races.length === 0)) {
    return 'No race is recorded yet: `pnpm bench peers cnn` and `pnpm bench peers knn` run them.';
  }
  return blocks(
    table(
      [
        { title: 'work' },
        { title: 'fashion-bench', align: 'right' },
        { title: 'beside' },
        { title: 'its time', align: 'right' },
        { title: 'ratio', align: 'right' },
        { title: 'rounds', align: 'right' },
      ],
      recorded.flatMap(({ record }) => record.races.flatMap(rows)),
    ),
    RATIO_WORDS,
    ...recorded.map(origin),
  );
}

/**
 * The same text with the table between its markers drawn anew.
 *
 * @throws RecordError `invalid` for a text without the two markers
 */
export function drawSpeedTable(markdown: string, recorded: readonly RecordedRace[]): string {
  const begin = markdown.indexOf(BEGIN);
  const end = markdown.indexOf(END, begin);
  if (begin < 0 || end < 0) {
    throw new RecordError(
      'invalid',
      `The text has no place for the speed table: it needs a line ${BEGIN} and a later line ${END}.`,
    );
  }
  const drawn = `${BEGIN}\n\n${speedTable(recorded)}\n\n`;
  return markdown.slice(0, begin) + drawn + markdown.slice(end);
}

function rows(race: Race): string[][] {
  const ours = oursOf(race);
  const others = race.contestants.filter((one) => one !== ours && one.laps.length > 0);
  return race.clocks.flatMap((clock) => {
    const mine = lapSeconds(ours, clock);
    return others.map((one) => {
      const theirs = lapSeconds(one, clock);
      return [
        escapeText(`${raceTitle(race)}: ${clock}`),
        formatSeconds(quantile(mine, 0.5)),
        escapeText(contestantName(one)),
        formatSeconds(quantile(theirs, 0.5)),
        `**${formatRatio(ratioOf(mine, theirs)).replace(' ', '** ')}`,
        String(mine.length),
      ];
    });
  });
}

function origin({ record, url }: RecordedRace): string {
  const { run, machine, races } = record;
  const kinds = [...new Set(races.map(({ kind }) => RACE_KIND_NAMES[kind]))];
  const threads = races[0] === undefined ? 0 : oursOf(races[0]).threads;
  const words = `${kinds.join(' and ')}: ${run.startedAt.slice(0, 10)}, ${threads} threads of ${machine.cpuModel} (${machine.availableCores} cores), Node ${run.nodeVersion}, seed ${run.seed}.`;
  const labels = runLabels(record).map(({ name }) => `**${name.toUpperCase()}.**`);
  return [escapeText(words), ...labels, link('Record', url)].join(' ');
}
