/**
 * Markdown from values: free text is escaped, values are code spans, tables go through
 * markdown-table. Only what GitHub, GitLab and Gitea render alike (GFM) is used.
 */

import { markdownTable } from 'markdown-table';
import { printable } from './text.ts';

/** Free text from a record as inline Markdown: nothing in it can become markup, a link, or break a line. */
export function escapeText(text: string): string {
  // Hosts make links of bare addresses, escaped or not; only inside a code span they do not.
  return oneLine(text)
    .split(/([\s`|\\]+)/u)
    .map((word) =>
      /:\/\/|www\.|.@|(?:mailto|xmpp):/iu.test(word) ? `\`${word}\`` : escapeWord(word),
    )
    .join('')
    .replace(/^(?=[+=>-])|(?<=^\d+)(?=[.)](?: |$))/u, '\\');
}

function escapeWord(word: string): string {
  // An underscore between letters or digits is no markup in GFM: avx512_vnni stays readable.
  return word.replace(/[\\`*[\]<~&|#$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** A code span; what could end one early, in a table or out of it, is free text instead. */
export function code(text: string): string {
  const content = oneLine(text);
  return content === '' || /[`|\\]/u.test(content) ? escapeText(content) : `\`${content}\``;
}

/** A fenced code block. */
export function codeBlock(lines: readonly string[], language: string): string {
  const text = lines.map(printable).join('\n');
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A link; `url` has been checked as a URL, and what would end it early is percent-encoded. */
export function link(text: string, url: string): string {
  const target = printable(url).replace(/[\s()<>\\|`]/gu, (character) => {
    return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `[${escapeText(text)}](${target})`;
}

export interface Column {
  readonly title: string;
  /** Numbers read best to the right. */
  readonly align?: 'left' | 'right';
}

/** A table; cells are inline Markdown. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return markdownTable([columns.map(({ title }) => title), ...rows], {
    align: columns.map(({ align }) => (align === 'right' ? 'r' : 'l')),
  });
}

/** A table of two columns for facts that have names. */
export function factTable(
  name: string,
  facts: readonly (readonly [name: string, value: string])[],
): string {
  return table([{ title: name }, { title: 'Value' }], facts);
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

export function heading(level: number, text: string): string {
  return `${'#'.repeat(level)} ${text}`;
}

/** A block that is folded until clicked; hosts without HTML show it open. */
export function folded(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** Blocks joined by empty lines; empty ones are left out. */
export function blocks(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}

function oneLine(text: string): string {
  return printable(text).replace(/ {2,}/gu, ' ').trim();
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
}
