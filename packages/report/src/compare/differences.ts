/** What of two runs is not compared, and which settings are why. */

import { formatList } from '../format.ts';
import { escapeText } from '../markdown.ts';
import { keyOf, type Measured } from './measured.ts';

/** One sentence for each measurement without its like in the other run, and for each with other means. Markdown. */
export function differences(first: readonly Measured[], second: readonly Measured[]): string[] {
  const near = new Map(first.map((own) => [own, like(own, second) ?? nearest(own, second)]));
  const sentences = [...near].flatMap(([own, other]) => {
    if (other === undefined) return [];
    if (keyOf(own.settings) !== keyOf(other.settings)) return [apart(own, other)];
    const found = between(own.means, other.means);
    return found.length === 0 ? [] : [`${escapeText(own.name)}: other ${formatList(found)}.`];
  });
  const mentioned = new Set(near.values());
  return [
    ...sentences,
    ...alone(
      'A',
      first.filter((own) => near.get(own) === undefined),
    ),
    ...alone(
      'B',
      second.filter((other) => !mentioned.has(other)),
    ),
  ];
}

function like(own: Measured, others: readonly Measured[]): Measured | undefined {
  return others.find(({ settings }) => keyOf(settings) === keyOf(own.settings));
}

function alone(name: string, only: readonly Measured[]): string[] {
  if (only.length === 0) return [];
  return [`Only ${name} measured: ${only.map((own) => escapeText(own.name)).join('; ')}.`];
}

/** The measurement of the same part that differs in the fewest settings. */
function nearest(own: Measured, others: readonly Measured[]): Measured | undefined {
  const distance = (other: Measured): number => between(own.settings, other.settings).length;
  const [best] = others
    .filter(({ part }) => part === own.part)
    .sort((a, b) => distance(a) - distance(b));
  return best;
}

function apart(own: Measured, other: Measured): string {
  const timed = keyOf(own.timeSettings) === keyOf(other.timeSettings);
  const names =
    own.name === other.name
      ? `${escapeText(own.name)}, of A and of B,`
      : `${escapeText(own.name)} (A) and ${escapeText(other.name)} (B)`;
  return `${names} differ in ${formatList(between(own.settings, other.settings))}: ${timed ? 'their times are compared, their accuracies are not' : 'not compared'}.`;
}

/** `epochs (5 and 50)`, for every setting that is not the same. */
function between(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): string[] {
  return Object.keys({ ...a, ...b })
    .filter((name) => a[name] !== b[name])
    .map((name) => escapeText(`${name} (${a[name] ?? 'none'} and ${b[name] ?? 'none'})`));
}
