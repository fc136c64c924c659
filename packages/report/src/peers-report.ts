/** From the record of a race to Markdown and to a few lines for the terminal. Pure, as `report.ts` is. */

import { parsePeers } from './peers-schema.ts';
import { formatAccuracy, formatBytes, formatSeconds, NOTHING } from './format.ts';
import { blocks, bullets, code, escapeText, heading, table } from './markdown.ts';
import type { Contestant, PeersRecord, Race, RaceKind } from './peers.ts';
import { lapSeconds, oursOf, RATIO_WORDS, type Ratio, ratioOf } from './ratio.ts';
import {
  dataFacts,
  expectationTable,
  machineFacts,
  repeatIt,
  softwareFacts,
} from './sections/provenance.ts';
import { runLabels } from './standing.ts';
import { quantile } from './statistics/proportions.ts';
import { printable } from './text.ts';

/** `0.93 (0.91 to 0.96)`. */
export function formatRatio({ ratio, low, high }: Ratio): string {
  return `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

/** `Keras 3.15.1`: the name with the version of the library it stands for. */
export function contestantName({ name, versions }: Contestant): string {
  return [name, ...Object.values(versions).slice(0, 1)].join(' ');
}

/** The whole document, ending in a newline. */
export function renderPeers(given: PeersRecord): string {
  const record = parsePeers(given);
  const { run, machine } = record;
  const document = blocks(
    heading(1, 'Beside other libraries'),
    ...runLabels(record).map(
      ({ name, meaning }) => `> **${name.toUpperCase()}**: ${escapeText(meaning)}`,
    ),
    `Run ${code(run.id)}: ${escapeText(run.startedAt.slice(0, 10))}, on ${escapeText(machine.cpuModel)}, ${machine.availableCores} cores available. Every contestant is a process of its own; they take turns, round by round, and only one computes at a time.`,
    ...record.races.map(raceSection),
    run.expectations.length === 0
      ? ''
      : blocks(heading(2, 'Stated bands'), expectationTable(record)),
    heading(2, 'Machine, software and data'),
    machineFacts(machine),
    softwareFacts(record),
    dataFacts(record),
    heading(2, 'How to repeat it'),
    repeatIt(record),
  );
  return `${document}\n`;
}

function raceSection(race: Race): string {
  const { clocks, contestants, absent } = race;
  return blocks(
    heading(2, escapeText(raceTitle(race))),
    `${escapeText(race.work)} Before the first clock: ${escapeText(race.warmup)}.`,
    ...clocks.map((clock) => clockTable(race, clock)),
    RATIO_WORDS,
    bullets([
      ...contestants.map((one) => {
        const versions = Object.entries(one.versions).map(
          ([name, version]) => `${name} ${version}`,
        );
        return escapeText(
          [
            `${one.name}: ${one.details}`,
            versions.join(', '),
            ...(one.blas === null ? [] : [`BLAS: ${one.blas}`]),
            ...(one.peakMemoryBytes === null
              ? []
              : [`at most ${formatBytes(one.peakMemoryBytes)} of memory`]),
            ...(one.agreement === null ? [] : [one.agreement]),
          ].join('; '),
        );
      }),
      ...absent.map(({ name, reason }) => escapeText(`${name} did not take part: ${reason}`)),
    ]),
  );
}

function clockTable(race: Race, clock: string): string {
  const ours = oursOf(race);
  return table(
    [
      { title: `Clock: ${escapeText(clock)}` },
      { title: 'Laps', align: 'right' },
      { title: 'Threads', align: 'right' },
      { title: 'Median', align: 'right' },
      { title: 'Every round, in order' },
      { title: 'Ratio', align: 'right' },
      { title: 'Last loss', align: 'right' },
      { title: 'Last accuracy', align: 'right' },
    ],
    race.contestants.map((one) => {
      const times = lapSeconds(one, clock);
      const last = one.laps.at(-1);
      return [
        escapeText(one.name),
        String(times.length),
        String(one.threads),
        times.length === 0 ? NOTHING : formatSeconds(quantile(times, 0.5)),
        times.map(formatSeconds).join(', ') || NOTHING,
        one === ours || times.length === 0
          ? NOTHING
          : formatRatio(ratioOf(lapSeconds(ours, clock), times)),
        last?.loss?.toFixed(4) ?? NOTHING,
        last?.accuracy == null ? NOTHING : formatAccuracy(last.accuracy),
      ];
    }),
  );
}

/** The figures for the terminal, one line for each peer and clock, and who was absent. No newline at the end. */
export function renderPeersSummary(given: PeersRecord): string {
  const record = parsePeers(given);
  return [
    ...record.races.flatMap((race) => [
      `${raceTitle(race)} (n = ${oursOf(race).laps.length} rounds)`,
      ...race.clocks.flatMap((clock) => summaryLines(race, clock)),
      ...race.absent.map(({ name, reason }) => `  ${name} did not take part: ${reason}`),
    ]),
    ...runLabels(record).map(({ name, meaning }) => `${name.toUpperCase()}: ${meaning}`),
  ]
    .map(printable)
    .join('\n');
}

function summaryLines(race: Race, clock: string): readonly string[] {
  const ours = oursOf(race);
  const mine = lapSeconds(ours, clock);
  if (mine.length === 0) return [];
  const time = (times: readonly number[]): string => formatSeconds(quantile(times, 0.5));
  const others = race.contestants.filter((one) => one !== ours);
  return [
    `  ${clock}: ${contestantName(ours)} ${time(mine)}`,
    ...others.map((one) => {
      const theirs = lapSeconds(one, clock);
      return `  ${clock}: ${contestantName(one)} ${time(theirs)}, ratio ${formatRatio(ratioOf(mine, theirs))}`;
    }),
  ];
}

/** What a reader calls each kind of race. */
export const RACE_KIND_NAMES: Readonly<Record<RaceKind, string>> = { cnn: 'CNN', knn: 'k-NN' };

/** `CNN, batch 128`. */
export function raceTitle({ kind, name }: Race): string {
  return `${RACE_KIND_NAMES[kind]}, ${name}`;
}
