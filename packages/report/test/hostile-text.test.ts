/**
 * Every text of a record, its predictions, a race and the scaling record in turn filled with what means something to Markdown,
 * HTML, SVG or a terminal: whatever is made of them has the parts that it has with plain words, and shows the text whole.
 */

import { readFileSync } from 'node:fs';
import { Lexer, Marked } from 'marked';
import { expect, it } from 'vitest';
import { z } from 'zod';
import {
  compareRuns,
  drawFigures,
  parsePeers,
  parsePredictions,
  parseRecord,
  parseScaling,
  renderHtml,
  renderPeers,
  renderPeersSummary,
  renderReport,
  renderSummary,
  type RunRecord,
} from '../src/index.ts';
import { recordSchema } from '../src/record-schema.ts';
import { published, storedRun, twoStretches } from './fixture.ts';

const NASTY = [
  '<img src=x onerror=alert(1)><meta http-equiv=refresh content="0;url=//x">',
  'a\\|b\\\\|`c` | d ``` e',
  '`|<form action=//x>|`',
  '"><script>alert(1)</script><!--',
  'a" class="b</text></svg>\' style="c',
  ' aria-x="a opacity="1" role="b',
  ']]></style><base href=//x>&lt;b&gt;&#60;i&#62;',
  '[a](//x) ![b](figures/training-curves.svg) [c][d] <https://x.example>',
  '[d]: https://x.example',
  'see https://x.example/?a=1&b=(2), www.x.example and me@x.example',
  'javascript:alert(1) mailto:me@x.example `www.x.example` ftp://x.example',
  '# a ## *b* __c__ ~~d~~ $e$ \\',
  '- a',
  '1. a',
  '> a --- ===',
  '```sh',
  'name\u2028of\u2029a\u202eclass\u200b\ufeff\ufffe\ud800\u{e0041}',
  '\u001b[2J\u001b]8;;http://x\u0007a\u009b31m\u0000\u007f\u0085\b',
  'a\n  0.9999  forged\r\n\n# b\tc',
  '%s \u0025{x} {{y}} ${z}',
];

type Json = string | number | boolean | null | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

/** Stands for a text or a key that may be anything. */
const ANY = '\ue000';

/** The value with `ANY` wherever the schema lets it be, keys included, and the paths of these places (`*` for any step). */
function opened(start: Json, accepts: (value: Json) => boolean) {
  const paths = new Set<string>();
  const visit = (value: Json, path: readonly string[], put: (changed: Json) => Json): Json => {
    if (typeof value === 'string') {
      if (!accepts(put(ANY))) return value;
      paths.add(path.join('.'));
      return ANY;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) {
      return value.map((item, i) =>
        visit(item, [...path, '*'], (changed) => put(value.toSpliced(i, 1, changed))),
      );
    }
    const entries = Object.entries(value).map(([key, item], i) => {
      const free = accepts(put({ ...without(value, key), [ANY]: item }));
      const inside = visit(item, [...path, free ? '*' : key], (changed) =>
        put({ ...value, [key]: changed }),
      );
      return [free ? `${ANY} ${i}` : key, inside] as const;
    });
    return Object.fromEntries(entries);
  };
  return { value: visit(start, [], (changed) => changed), paths };
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function without(value: JsonObject, key: string): Record<string, Json> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

/** The stored run with every text that a record can have, a label for its subset and one for a missed band. */
function wholeRecord(): RunRecord {
  const { record } = storedRun();
  const peak = { gops: 900, product: 'uint8 by int8', n: 3 };
  const whole: RunRecord = {
    ...record,
    run: {
      ...record.run,
      expectations: [{ name: 'a', expected: 'b', measured: 1, ok: false }],
    },
    machine: { ...record.machine, gpu: { name: 'a', driver: 'b', memoryBytes: null } },
    data: { ...record.data, subsetRule: 'a' },
    engines: record.engines.map((entry) =>
      entry.state === 'missing' ? entry : { ...entry, engine: { ...entry.engine, driver: 'a' } },
    ),
    kernels: record.kernels.map((timing) => ({ ...timing, peak })),
  };
  return { ...whole, stretches: twoStretches(whole, { availableCores: 1 }) };
}

function source<T>(value: unknown, parse: (value: unknown) => T) {
  const accepts = (changed: unknown): boolean => {
    try {
      parse(changed);
      return true;
    } catch {
      return false;
    }
  };
  const { value: open, paths } = opened(JSON.parse(JSON.stringify(value)) as Json, accepts);
  const words = JSON.stringify(open);
  const filled = (text: string): T =>
    parse(JSON.parse(words.replaceAll(ANY, () => JSON.stringify(text).slice(1, -1))));
  return { paths, filled };
}

const file = (name: string): unknown =>
  JSON.parse(
    readFileSync(
      new URL(`../../../benchmarks/results/${name}/record.json`, import.meta.url),
      'utf8',
    ),
  );
const sources = {
  record: source(wholeRecord(), parseRecord),
  predictions: source(storedRun().predictions, parsePredictions),
  race: source(file('peers-cnn'), parsePeers),
  scaling: source(file('scaling-knn'), parseScaling),
};

function filledWith(text: string) {
  const record = sources.record.filled(text);
  return {
    run: {
      record,
      predictions: { ...sources.predictions.filled(text), runId: record.run.id },
    },
    race: sources.race.filled(text),
    scaling: sources.scaling.filled(text),
  };
}

/** All that is made of one set of records. */
async function madeOf(text: string) {
  const { run, race, scaling } = filledWith(text);
  const figures = await drawFigures([run], { scaling, races: [race] });
  const { record, predictions } = run;
  const report = renderReport(record, published(), { figures, predictions, scaling });
  const subset = { ...record, data: { ...record.data, trainCount: 2000 } };
  const several = renderReport([record, subset], published());
  const compared = compareRuns(run, run);
  const markdown = { report, several, compared, race: renderPeers(race) };
  return {
    markdown,
    terminal: {
      ...markdown,
      summary: renderSummary(subset),
      raceSummary: renderPeersSummary(race),
    },
    html: Object.fromEntries(
      Object.entries(markdown).map(([name, words]) => [name, renderHtml(words, figures)]),
    ),
    svg: figures.flatMap(({ content }) => (typeof content === 'string' ? [content] : [])),
  };
}

const TAG = /<[^<>]*>/gu;
const SVG = /<svg[\s\S]*?<\/svg>/gu;

/** The tags, without the texts in their attributes; code spans come and go. */
function skeleton(html: string): readonly string[] {
  return (html.replaceAll(SVG, '<svg>').match(TAG) ?? [])
    .map((tag) => tag.replace(/ (?:alt|aria-label|src)="[^"]*"/gu, ' $1'))
    .filter((tag) => !/^<\/?code>$/u.test(tag));
}

/** What kinds of elements with which attributes. */
function kinds(svg: string): ReadonlySet<string> {
  return new Set((svg.match(TAG) ?? []).map((tag) => tag.replaceAll(/="[^"]*"/gu, '=')));
}

function textOf(html: string): string {
  return html
    .replaceAll(SVG, '')
    .replace(/^[\s\S]*<main>/u, '')
    .replaceAll(TAG, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/gu, ' ')
    .toLowerCase();
}

/** The kinds of parts in their order, as GitHub's Markdown has them; how a text is cut into pieces is no matter. */
function structure(markdown: string): readonly string[] {
  const kinds: string[] = [];
  void new Marked({ gfm: true }).walkTokens(new Lexer({ gfm: true }).lex(markdown), (token) => {
    if (!['text', 'escape', 'codespan', 'space'].includes(token.type)) kinds.push(token.type);
    // marked unescapes the words of an image before it looks into them; nobody uses what it finds.
    if (token.type === 'image') token.tokens = [];
  });
  return kinds;
}

/** Written out here, so that the product's own list is not what it is tried against. */
const UNSEEN =
  /(?!\n)\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\ufeff\ufffe\uffff]|\p{Cs}/u;

function wellFormed(svg: string): void {
  const open: string[] = [];
  for (const tag of svg.match(TAG) ?? []) {
    const [, end, name = '', alone] =
      /^<(\/?)([a-z][\w:-]*)(?: [\w:-]+="[^"]*")*( ?\/)?>$/iu.exec(tag) ?? [];
    expect(name, tag).not.toBe('');
    if (end === '/') expect(open.pop()).toBe(name);
    else if (alone === undefined) open.push(name);
  }
  expect(open).toEqual([]);
  expect(svg.replaceAll(TAG, '')).not.toMatch(/[<>]/u);
  expect(svg).not.toMatch(/&(?!(?:amp|lt|gt|quot|#x[0-9A-F]+);)/u);
}

const plain = madeOf('plain');

it.each(NASTY)('%j stays text everywhere', async (text) => {
  const [expected, made] = [await plain, await madeOf(text)];
  const shown = text
    .replace(/[\t-\r]+/gu, ' ')
    .replaceAll(/ +/gu, ' ')
    .replaceAll(/[^\P{C}\u200c]|[\u2028\u2029]/gu, (c) =>
      c
        .split('')
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    )
    .trim()
    .toLowerCase();
  for (const name of ['report', 'several', 'compared', 'race'] as const) {
    const [there, here] = [expected.html[name] ?? '', made.html[name] ?? ''];
    expect(structure(made.markdown[name]), name).toEqual(structure(expected.markdown[name]));
    expect(skeleton(here), name).toEqual(skeleton(there));
    expect(textOf(here).split(shown).length, name).toBe(textOf(there).split('plain').length);
  }
  expect(made.svg.length).toBe(expected.svg.length);
  for (const [i, svg] of made.svg.entries()) {
    wellFormed(svg);
    expect([...kinds(expected.svg[i] ?? '')]).toEqual(expect.arrayContaining([...kinds(svg)]));
  }
  for (const words of [...Object.values(made.terminal), ...Object.values(made.html), ...made.svg]) {
    expect(words).not.toMatch(UNSEEN);
  }
  for (const name of ['summary', 'raceSummary', 'compared', 'report'] as const) {
    expect(made.terminal[name].split('\n').length).toBe(expected.terminal[name].split('\n').length);
  }
});

it('the page allows nothing but its own style sheets and images', () => {
  const html = renderHtml(
    '# A\n\n<script>alert(1)</script>\n\n<https://x.example> [b](javascript:c) <b>d</b>',
    [],
  );
  expect(html).toMatch(
    /http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+' 'sha256-[\w+/=]+'; base-uri 'none'; form-action 'none'">/u,
  );
  const body = html.replace(/^[\s\S]*<main>/u, '');
  expect(body.match(TAG)).toEqual([
    '<h1>',
    '</h1>',
    '<p>',
    '</p>',
    '<p>',
    '</p>',
    '</main>',
    '</body>',
    '</html>',
  ]);
});

it('reaches every text that the schema of a record allows', () => {
  const { paths } = sources.record;
  const found = freeTexts(z.toJSONSchema(recordSchema));
  expect(found.size).toBeGreaterThan(30);
  expect([...found].filter((path) => !paths.has(path))).toEqual([]);
});

type Schema = z.core.JSONSchema.BaseSchema;

function freeTexts(schema: Schema, path: readonly string[] = []): ReadonlySet<string> {
  const under = (part: unknown, step: string): string[] =>
    typeof part === 'object' && part !== null
      ? [...freeTexts(part as Schema, [...path, step])]
      : [];
  return new Set([
    ...(schema.type === 'string' &&
    !schema.enum &&
    schema.const === undefined &&
    !schema.pattern &&
    !schema.format
      ? [path.join('.')]
      : []),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(
      (part) => [...freeTexts(part, path)],
    ),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, part]) => under(part, key)),
    ...under(schema.items, '*'),
    ...under(schema.additionalProperties, '*'),
  ]);
}
