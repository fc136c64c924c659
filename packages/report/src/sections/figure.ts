/** A figure in the flow of the report: the file, its words, and its caption. */

import type { Figure } from '../figures/figure.ts';
import { blocks, escapeText } from '../markdown.ts';

/** The folder of the figures, beside the report. */
export const FIGURES_FOLDER = 'figures';

/** Empty when the figure was not drawn. */
export function figureBlock(figures: readonly Figure[], id: string): string {
  const found = figures.find((figure) => figure.id === id);
  return found === undefined ? '' : blocks(image(found), found.caption);
}

export function image({ file, alt }: Figure): string {
  return `![${escapeText(alt)}](${FIGURES_FOLDER}/${file})`;
}
