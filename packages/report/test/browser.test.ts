/** The page in a real browser, where there is one. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  drawFigures,
  parsePredictions,
  parseRecord,
  renderHtml,
  renderReport,
  type StoredRun,
} from '../src/index.ts';
import { published, storedRun } from './fixture.ts';

const PLACES = [
  process.env['CHROME_PATH'],
  ...['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executable = PLACES.find((path) => path !== undefined && existsSync(path));
const name =
  executable === undefined
    ? 'report.html in a browser (skipped: no Chromium in its usual places; CHROME_PATH names one)'
    : 'report.html in a browser';

/** What a page is asked, as text: the package knows no types of a page. */
const LOOK = `(() => {
  const box = (element) => element.getBoundingClientRect();
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const texts = (svg) => all('text', svg)
    // The box of a slanted text is larger than the text.
    .filter((text) => text.textContent.trim() !== '' && !/rotate/.test(text.getAttribute('transform') ?? ''));
  const width = box(document.querySelector('main')).width;
  const first = document.querySelector('main table');
  return {
    unnamed: all('img').filter((i) => !i.alt || i.naturalWidth === 0).length
      + all('svg').filter((s) => !s.getAttribute('aria-label')).length,
    pictures: all('img, svg').length,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    surfaces: new Set([
      getComputedStyle(document.body).backgroundColor,
      ...all('.figure svg > rect').map((r) => getComputedStyle(r).fill),
    ]).size,
    // Images and words that leave their cell.
    outside: [
      ...all('td img').filter((i) => box(i).right > box(i.closest('td')).right + 1),
      ...all('td, th').filter((cell) => cell.scrollWidth > cell.clientWidth + 1),
    ].map((element) => element.outerHTML.slice(0, 60)),
    // Words of a figure that touch each other or leave it.
    touching: all('.figure svg').flatMap((svg) => texts(svg).flatMap((one, i, list) => {
      const a = box(one);
      const out = a.right > box(svg).right + 1 || a.left < box(svg).left - 1;
      const hit = list.slice(i + 1).filter((other) => {
        const b = box(other);
        return Math.min(a.right, b.right) > Math.max(a.left, b.left)
          && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
      });
      return [...(out ? [one] : []), ...hit].map((t) => one.textContent + ' / ' + t.textContent);
    })),
    empty: all('.figure').filter((f) => f.scrollWidth > f.clientWidth ? false
      : box(f.querySelector('svg')).width < 0.9 * width).length,
    accuracyShown: all('td:nth-child(2)', first).every((cell) => box(cell).right <= innerWidth),
    contents: all('nav a').map((a) => document.getElementById(a.getAttribute('href').slice(1))?.textContent === a.textContent),
  };
})()`;

/** Headings of the second level. */
const CHAPTERS = 21;

const reference = (): StoredRun => {
  const read = (name: string): string =>
    readFileSync(new URL(`../../../benchmarks/results/reference/${name}`, import.meta.url), 'utf8');
  return {
    record: parseRecord(read('record.json')),
    predictions: parsePredictions(read('predictions.json')),
  };
};

describe.skipIf(executable === undefined)(name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  let browser: Browser | undefined;

  async function write(file: string, { record, predictions }: StoredRun): Promise<void> {
    const figures = await drawFigures([{ record, predictions }]);
    const markdown = renderReport(record, published(), { figures, predictions });
    writeFileSync(join(folder, file), renderHtml(markdown, figures));
  }

  beforeAll(async () => {
    await write('small.html', storedRun());
    await write('reference.html', reference());
    browser = await chromium.launch({
      ...(executable === undefined ? {} : { executablePath: executable }),
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update'],
      ],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function look(file: string, width: number, colorScheme: 'light' | 'dark') {
    const page = await browser?.newPage({ viewport: { width, height: 800 }, colorScheme });
    if (page === undefined) throw new Error('no browser');
    const complaints: string[] = [];
    const fetched: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => fetched.push(request.url()));
    const url = pathToFileURL(join(folder, file)).href;
    await page.goto(url);
    expect(complaints).toEqual([]);
    expect(fetched.filter((other) => !other.startsWith('data:'))).toEqual([url]);
    const seen: unknown = await page.evaluate(LOOK);
    await page.close();
    return seen;
  }

  it.each([
    ['desktop, light', 1280, 'light'],
    ['phone, dark', 375, 'dark'],
  ] as const)('%s: nothing to complain of', async (_, width, colorScheme) => {
    expect(await look('small.html', width, colorScheme)).toMatchObject({
      ...{ unnamed: 0, overflow: 0, surfaces: 1, outside: [], pictures: 8 + 10 + 2 + 1 },
    });
  });

  it.each([390, 768, 1100, 1400])(
    'the reference at %i pixels: nothing covers or leaves anything, figures use the width',
    async (width) => {
      const seen = await look('reference.html', width, 'light');
      expect(seen).toMatchObject({
        ...{ unnamed: 0, overflow: 0, outside: [], touching: [], empty: 0 },
      });
      // The measured accuracy is on the screen of a phone, without scrolling.
      expect(seen).toHaveProperty('accuracyShown', true);
      expect(seen).toHaveProperty('contents', new Array<boolean>(CHAPTERS).fill(true));
    },
  );
});
