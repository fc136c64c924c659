/**
 * How every figure looks, in one place: colours for a light and a dark page, type, and the settings that the chart
 * library takes them from.
 *
 * A figure is drawn in the light colours, as plain attributes that any renderer understands, on a surface of its own,
 * so that it stays legible on any page. A style sheet inside the file exchanges each colour for its dark counterpart
 * where the reader prefers dark; surface and ink change together.
 *
 * The series colours are those of M. Okabe and K. Ito, "Color Universal Design" (2008), which people with the common
 * forms of colour blindness tell apart; on dark the same hues, lighter.
 */

import type { Config } from 'vega-lite';

interface Colour {
  readonly light: string;
  readonly dark: string;
}

/** No two may share their light colour: the style sheet finds a colour by it. */
const COLOURS = {
  surface: { light: '#ffffff', dark: '#0d1117' },
  ink: { light: '#1f2328', dark: '#e6edf3' },
  muted: { light: '#59636e', dark: '#9198a1' },
  grid: { light: '#e3e7ec', dark: '#262c35' },
  empty: { light: '#eef1f4', dark: '#1a2029' },
  blue: { light: '#0072b2', dark: '#58b4ee' },
  vermilion: { light: '#c94f00', dark: '#ff9152' },
  green: { light: '#00805f', dark: '#2fc79b' },
  purple: { light: '#a8548a', dark: '#e39cc8' },
  /** Right and wrong of the study's plate. */
  right: { light: '#0b5fa5', dark: '#6cb6ff' },
  wrong: { light: '#b3261e', dark: '#ff8a80' },
  /** Six steps of a matrix, from nothing to nearly all. */
  step0: { light: '#f6f8fa', dark: '#12171f' },
  step1: { light: '#dcebf7', dark: '#12304a' },
  step2: { light: '#b1d3ec', dark: '#174a73' },
  step3: { light: '#74aeda', dark: '#1f6aa3' },
  step4: { light: '#2f7fbf', dark: '#4d9bd8' },
  step5: { light: '#08477e', dark: '#a9d5f7' },
  /** Ink on the two darkest steps. */
  onStep: { light: '#fdfefe', dark: '#081018' },
} as const satisfies Record<string, Colour>;

type ColourName = keyof typeof COLOURS;

/** The light colour, by which a figure is drawn. */
export function colour(name: ColourName): string {
  return COLOURS[name].light;
}

/** In the order in which series take them. */
const SERIES: readonly string[] = [
  colour('blue'),
  colour('vermilion'),
  colour('green'),
  colour('purple'),
];

/** From the palest to the strongest. */
export const STEPS: readonly string[] = [
  colour('step0'),
  colour('step1'),
  colour('step2'),
  colour('step3'),
  colour('step4'),
  colour('step5'),
];

export const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
/** Pixels. */
export const FONT_SIZE = 12;

/** The style sheet of a figure: light colours to dark ones, where the reader prefers them. */
export function darkStyle(): string {
  const rules = Object.values(COLOURS).map(
    ({ light, dark }: Colour) =>
      `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`,
  );
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`;
}

/** What the chart library is told about the looks of every chart. */
export const CHART_CONFIG: Config = {
  background: colour('surface'),
  font: FONT,
  padding: 12,
  view: { stroke: 'transparent' },
  axis: {
    domainColor: colour('muted'),
    tickColor: colour('muted'),
    gridColor: colour('grid'),
    labelColor: colour('muted'),
    labelFontSize: FONT_SIZE,
    titleColor: colour('ink'),
    titleFontSize: FONT_SIZE,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  legend: {
    orient: 'top',
    title: null,
    labelColor: colour('ink'),
    labelFontSize: FONT_SIZE,
    symbolStrokeWidth: 2,
    symbolOpacity: 1,
  },
  title: {
    color: colour('ink'),
    fontSize: FONT_SIZE + 1,
    fontWeight: 600,
    anchor: 'start',
  },
  range: { category: [...SERIES] },
};
