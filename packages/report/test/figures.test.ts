import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { pixelGroup, pngStrip } from '../src/figures/pixels.ts';
import { colour, darkStyle } from '../src/figures/theme.ts';
import {
  drawFigures,
  type Figure,
  parsePublished,
  renderHtml,
  renderReport,
} from '../src/index.ts';
import { fullRecord, publishedText, storedRun, subsetRecord } from './fixture.ts';

let figures: readonly Figure[] = [];
beforeAll(async () => {
  figures = await drawFigures([storedRun()]);
});

const textOf = (id: string): string => {
  const content = figures.find((figure) => figure.id === id)?.content;
  return typeof content === 'string' ? content : '';
};

describe('the figures of a run', () => {
  it('are all there', () => {
    expect(figures.map(({ id }) => id).filter((id) => !/-\d$/u.test(id))).toEqual([
      ...['training-curves', 'confusion-matrices', 'epoch-times', 'kernel-throughput', 'k-curve'],
      ...['reliability', 'predictions', 'mistakes', 'erasing-before', 'erasing-after'],
    ]);
  });

  it('are the same bytes in a second drawing', async () => {
    expect(await drawFigures([storedRun()])).toEqual(figures);
  });

  it('have words instead of them, and n, engine and seed or run below them', () => {
    for (const { alt, caption, file } of figures) {
      expect(alt.length).toBeGreaterThan(20);
      if (file.endsWith('.png')) continue; // in tables, whose text says it
      expect(caption).toMatch(/n = \d/u);
      expect(caption).toMatch(/seed/u);
      expect(caption).toContain(fullRecord().run.id);
    }
  });

  it('keep text as text, on a surface of their own, with a dark style', () => {
    for (const { content } of figures) {
      if (typeof content !== 'string') continue;
      expect(content).toMatch(/^<svg [^>]*role="img" aria-label="[^"]+"><style>@media/u);
      expect(content).toContain(`fill="${colour('surface')}"`);
      expect(content).toMatch(/<text /u);
      expect(content).not.toMatch(/NaN|undefined|Infinity|\bid="|href/u);
    }
    expect(textOf('confusion-matrices')).toContain('>Ankle boot</text>');
  });

  it('draw the epochs and the counts of the record', async () => {
    await expect(textOf('training-curves')).toMatchFileSnapshot('./fixtures/training-curves.svg');
    await expect(textOf('predictions')).toMatchFileSnapshot('./fixtures/predictions.svg');
  });

  it('without predictions: what the record alone allows', async () => {
    const drawn = await drawFigures([{ ...storedRun(), predictions: null }]);
    expect(drawn.map(({ id }) => id)).toEqual([
      ...['training-curves', 'confusion-matrices', 'epoch-times', 'kernel-throughput'],
    ]);
    expect(await drawFigures([])).toEqual([]);
  });

  it('of a subset say so', async () => {
    const [first] = await drawFigures([{ record: subsetRecord(), predictions: null }]);
    expect(first?.caption).toMatch(/^\*\*Subset\.\*\* /u);
  });

  it('of several runs: their epochs beside each other', async () => {
    const drawn = await drawFigures([storedRun(), storedRun()]);
    expect(drawn.map(({ id }) => id)).toEqual(['epoch-times']);
  });
});

describe('the plate', () => {
  it('is blue where right, red where wrong, with the probability in per cent', () => {
    const plate = textOf('predictions');
    expect(plate).toContain(`fill="${colour('right')}">Ankle boot 90 %</text>`);
    expect(plate).toContain(`fill="${colour('wrong')}">Trouser 60 %</text>`);
    expect(plate).toContain(`fill="${colour('wrong')}">(Pullover)</text>`);
    expect(textOf('mistakes')).not.toContain('>Ankle boot 90 %</text>');
  });
});

describe('colours', () => {
  it('are exchanged by a style sheet that leaves grey pixels alone', () => {
    const white = pixelGroup(new Uint8Array(784).fill(255), 0, 0, 1);
    expect(white).toContain('stroke="#FFFFFF"');
    for (const [, light = ''] of darkStyle().matchAll(/\[stroke="(#\w+)"\]/gu)) {
      expect(white).not.toContain(light);
    }
  });

  /** Contrast ratio of WCAG 2.2. */
  function contrast(a: string, b: string): number {
    const luminance = (hex: string): number =>
      [1, 3, 5].reduce((sum, at, i) => {
        const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
        const linear = c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        return sum + linear * ([0.2126, 0.7152, 0.0722][i] ?? 0);
      }, 0);
    const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  }

  it('of text stand out on both surfaces: 4.5 at least', () => {
    const dark = new Map(
      [...darkStyle().matchAll(/\[fill="(#\w+)"\]\{fill:(#\w+)\}/gu)].map(([, a = '', b = '']) => [
        a,
        b,
      ]),
    );
    for (const name of ['ink', 'muted', 'right', 'wrong'] as const) {
      expect(contrast(colour(name), colour('surface'))).toBeGreaterThan(4.5);
      expect(
        contrast(dark.get(colour(name)) ?? '', dark.get(colour('surface')) ?? ''),
      ).toBeGreaterThan(4.5);
    }
  });
});

it('pixels come back from a PNG strip, doubled', () => {
  const ramp = Uint8Array.from({ length: 784 }, (_, i) => i % 256);
  const png = PNG.sync.read(Buffer.from(pngStrip([ramp, ramp], 1)));
  expect([png.width, png.height]).toEqual([2 * 56 + 4 + 16, 56]);
  const grey = (x: number, y: number): number => png.data[(y * png.width + x) * 4]!;
  const alpha = (x: number, y: number): number => png.data[(y * png.width + x) * 4 + 3]!;
  for (const [x, y] of [
    [0, 0],
    [27, 3],
    [9, 27],
  ] as const) {
    for (const left of [0, 56 + 20]) {
      expect(grey(left + 2 * x + 1, 2 * y)).toBe(ramp[y * 28 + x]);
    }
  }
  expect([alpha(55, 0), alpha(56, 0), alpha(75, 0), alpha(76, 0)]).toEqual([255, 0, 0, 255]);
});

describe('report.html', () => {
  it('holds every figure and names no other file', () => {
    const run = storedRun();
    const markdown = renderReport(run.record, parsePublished(publishedText), {
      figures,
      predictions: run.predictions,
    });
    const html = renderHtml(markdown, figures);
    expect(html).not.toMatch(/(?:src|href)="(?!data:|https?:|#)/u);
    expect(html).not.toMatch(/<(?:script|iframe|link rel="stylesheet")/u);
    const pictures = [...html.matchAll(/<img [^>]*>/gu)];
    expect(pictures).toHaveLength(figures.filter(({ file }) => file.endsWith('.png')).length);
    for (const [picture] of pictures) expect(picture).toMatch(/ alt="[^"]{20,}"/u);
    expect(html.match(/<svg /gu)).toHaveLength(figures.length - pictures.length);
    expect(html.match(/<div class="table"/gu)).toHaveLength(html.match(/<table>/gu)?.length ?? -1);
  });

  it('escapes what a record brings', () => {
    expect(renderHtml('# a \\<b>\n\n1 \\<script>x\\</script>', [])).not.toContain('<script>');
  });
});
