/**
 * Text from files on its way to somebody's eyes. Whatever shows it (Markdown, HTML, SVG, a terminal) gets one line in which
 * nothing is unseen; the marks of the first three are escaped on top of that, in `markdown.ts` and `figures/svg.ts`.
 */

import { mustBeText } from './checks.ts';

/**
 * Control characters, what turns or hides text, other line ends, halves of surrogate pairs, and what is no character (XML has
 * no place for most of these). Joiners are left: living scripts are written with them.
 */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/**
 * One line in which every character is seen: tabs and line ends become spaces, and what has no looks of its own is spelled
 * out as in JSON, `\u001b`. So a text of JSON stays the same value.
 */
export function printable(text: string): string {
  mustBeText('The text', text);
  return text.replace(/[\t-\r]+/gu, ' ').replace(UNSEEN, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

/** The same for a text whose own line ends stay. */
export function printableLines(text: string): string {
  mustBeText('The text', text);
  return text.split('\n').map(printable).join('\n');
}
