/** A chart's specification to an SVG file, through Vega-Lite, without a browser. */

import type { TopLevelSpec } from 'vega-lite';
import { printable } from '../text.ts';
import { svgFile } from './svg.ts';
import { CHART_CONFIG } from './theme.ts';

/**
 * Draws a chart in the report's looks. The same specification gives the same bytes: text is measured by Vega's own
 * estimate, for want of a canvas, and no id is given out.
 *
 * @param alt what the chart shows, in words
 */
export async function drawChart(spec: TopLevelSpec, alt: string): Promise<string> {
  // Loaded when there is something to draw: it takes longer than all the rest of a program that draws nothing.
  const [{ compile }, { parse, View }] = await Promise.all([import('vega-lite'), import('vega')]);
  const compiled = compile(inert(spec), { config: CHART_CONFIG });
  const view = new View(parse(compiled.spec), { renderer: 'none' });
  try {
    return framed(await view.toSVG(), alt);
  } finally {
    view.finalize();
  }
}

/** The library puts texts into expressions and attributes as they are; not all characters are allowed there. */
function inert<Part>(part: Part): Part;
function inert(part: unknown): unknown {
  if (typeof part === 'string') return printable(part);
  if (Array.isArray(part)) return part.map((item: unknown) => inert(item));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, inert(value)]));
}

/** Vega's own frame replaced by ours; its labels for every mark would be read out one by one. */
function framed(svg: string, alt: string): string {
  const [, width = '', height = '', body = ''] =
    /^<svg[^>]*? width="([\d.]+)" height="([\d.]+)"[^>]*>([\s\S]*)<\/svg>$/u.exec(svg) ?? [];
  // Only inside tags: the texts between them are somebody's words.
  const silent = body
    .replaceAll(/<[^>]*>/gu, (tag) =>
      tag.replaceAll(/ (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"| opacity="1"/gu, ''),
    )
    .replaceAll(/<path d="M0,0h0v0h0Z"\/>|<path d="" display="none"\/>/gu, '');
  return svgFile(silent, Number(width), Number(height), alt);
}
