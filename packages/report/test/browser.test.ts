/** The page in a real browser, where there is one. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawFigures, renderHtml, renderReport } from '../src/index.ts';
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

describe.skipIf(executable === undefined)(name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'report-page-'));
  const path = join(folder, 'report.html');
  let browser: Browser | undefined;

  beforeAll(async () => {
    const run = storedRun();
    const figures = await drawFigures([run]);
    const markdown = renderReport(run.record, published(), {
      figures,
      predictions: run.predictions,
    });
    writeFileSync(path, renderHtml(markdown, figures));
    browser = await chromium.launch({
      ...(executable === undefined ? {} : { executablePath: executable }),
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['desktop, light', 1280, 'light'],
    ['phone, dark', 375, 'dark'],
  ] as const)('%s: nothing to complain of', async (_, width, colorScheme) => {
    const page = await browser?.newPage({ viewport: { width, height: 800 }, colorScheme });
    if (page === undefined) throw new Error('no browser');
    const complaints: string[] = [];
    const fetched: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => fetched.push(request.url()));
    await page.goto(pathToFileURL(path).href);
    expect(complaints).toEqual([]);
    expect(fetched.filter((url) => !url.startsWith('data:'))).toEqual([pathToFileURL(path).href]);

    // As text: the package knows no types of a page.
    const seen: unknown = await page.evaluate(`({
      unnamed: [...document.querySelectorAll('img')].filter((i) => !i.alt || i.naturalWidth === 0).length
        + [...document.querySelectorAll('svg')].filter((s) => !s.getAttribute('aria-label')).length,
      pictures: document.querySelectorAll('img, svg').length,
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      scrolling: [...document.querySelectorAll('.table')].filter((t) => t.scrollWidth > t.clientWidth).length,
      surfaces: new Set([
        getComputedStyle(document.body).backgroundColor,
        ...[...document.querySelectorAll('.figure svg > rect')].map((r) => getComputedStyle(r).fill),
      ]).size,
    })`);
    expect(seen).toMatchObject({ unnamed: 0, overflow: 0, surfaces: 1 });
    expect(seen).toHaveProperty('pictures', 8 + 10 + 2 + 1);
    // Wide tables scroll inside the page, which itself does not.
    if (width < 500) expect(seen).toHaveProperty('scrolling', expect.any(Number));
    await page.close();
  });
});
