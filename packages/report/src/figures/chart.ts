/** A chart's specification to an SVG file, through Vega-Lite, without a browser. */

import { compile, type TopLevelSpec } from 'vega-lite';
import { parse, View } from 'vega';
import { svgFile } from './svg.ts';
import { CHART_CONFIG } from './theme.ts';

/**
 * Draws a chart in the report's looks. The same specification gives the same bytes: text is measured by Vega's own
 * estimate, for want of a canvas, and no id is given out.
 *
 * @param alt what the chart shows, in words
 */
export async function drawChart(spec: TopLevelSpec, alt: string): Promise<string> {
  const compiled = compile(spec, { config: CHART_CONFIG });
  const view = new View(parse(compiled.spec), { renderer: 'none' });
  try {
    return framed(await view.toSVG(), alt);
  } finally {
    view.finalize();
  }
}

/** Vega's own frame replaced by ours; its labels for every mark would be read out one by one. */
function framed(svg: string, alt: string): string {
  const [, width = '', height = '', body = ''] =
    /^<svg[^>]*? width="([\d.]+)" height="([\d.]+)"[^>]*>([\s\S]*)<\/svg>$/u.exec(svg) ?? [];
  const silent = body
    .replaceAll(/ (?:aria-[a-z]+|role|class|pointer-events)="[^"]*"/gu, '')
    .replaceAll(/<path d="M0,0h0v0h0Z"\/>|<path d="" display="none"\/>/gu, '')
    .replaceAll(/ opacity="1"/gu, '');
  return svgFile(silent, Number(width), Number(height), alt);
}
