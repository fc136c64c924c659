/** The frame around every drawing: its name for those who do not see it, and the style that follows the page. */

import { printable } from '../text.ts';
import { darkStyle } from './theme.ts';

/** Text inside an element or attribute of SVG or HTML. */
export function escapeXml(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** One decimal is finer than a pixel of any screen this is read on. */
export function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/**
 * @param body the elements of the drawing
 * @param alt what it shows, in words
 * @returns a whole SVG file, ending in a newline
 */
export function svgFile(body: string, width: number, height: number, alt: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${escapeXml(alt)}"><style>${darkStyle()}</style>${body}</svg>\n`;
}
