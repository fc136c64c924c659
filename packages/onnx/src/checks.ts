/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { inspect } from 'node:util';

/** Anything as one short line for a message; the packages that build on this one word their refusals with it, too. */
export function shown(value: unknown): string {
  const [line = ''] = inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3 }).split(
    '\n',
  );
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** What an option may be, in words, and the test of it. */
type Accepted = readonly [words: string, fits: (value: unknown) => boolean];

function oneOf(...values: readonly unknown[]): Accepted {
  return [`one of ${values.join(', ')}`, (value) => values.includes(value)];
}

/** More threads than any machine gains from; a million would keep a machine busy for a minute with starting them. */
const MOST_THREADS = 256;

function isThreadCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_THREADS;
}

const flag = oneOf(true, false);
const SESSION_OPTIONS: Readonly<Record<string, Accepted>> = {
  provider: oneOf('cpu', 'webgpu'),
  threads: [`a whole number from 1 to ${MOST_THREADS}`, isThreadCount],
  optimization: oneOf('disabled', 'basic', 'extended', 'all'),
  exactInt8: flag,
  spinning: flag,
  memoryArena: flag,
  cpuFallback: flag,
  log: oneOf('nothing', 'placements'),
  host: [
    'a list of names of outputs',
    (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  ],
};

/** What is wrong with the options of a session, in words; undefined where nothing is. */
export function sessionOptionProblem(options: unknown): string | undefined {
  const known = Object.keys(SESSION_OPTIONS).join(', ');
  if (!isObject(options)) return `the options must be an object of ${known}, not ${shown(options)}`;
  for (const [name, value] of Object.entries(options)) {
    const accepted = Object.hasOwn(SESSION_OPTIONS, name) ? SESSION_OPTIONS[name] : undefined;
    if (!accepted) return `there is no option "${name}"; there are ${known}`;
    if (value === undefined) continue;
    const [words, fits] = accepted;
    if (!fits(value)) return `${name} must be ${words}, not ${shown(value)}`;
  }
  return undefined;
}
