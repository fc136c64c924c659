/**
 * Markdown from values: free text is escaped, values are code spans, tables go through
 * markdown-table. Only what GitHub, GitLab and Gitea render alike (GFM) is used.
 */

import { markdownTable } from 'markdown-table';

/** Free text from a record as inline Markdown: nothing in it can become markup or break a line. */
export function escapeText(text: string): string {
  // An underscore between letters or digits is no markup in GFM: avx512_vnni stays readable.
  return oneLine(text).replace(/[\\`*[\]<~&]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&');
}

/** A code span, with a fence longer than any run of backticks inside. */
export function code(text: string): string {
  const content = oneLine(text);
  const fence = '`'.repeat(longestRun(content) + 1);
  const pad = content.startsWith('`') || content.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${content}${pad}${fence}`;
}

/** A fenced code block. */
export function codeBlock(text: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A link; `url` has been checked as a URL, and what would end it early is percent-encoded. */
export function link(text: string, url: string): string {
  const target = url.replace(/[\s()<>]/gu, (character) => {
    return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `[${escapeText(text)}](${target})`;
}

export interface Column {
  readonly title: string;
  /** Numbers read best to the right. */
  readonly align?: 'left' | 'right';
}

/** A table; cells are inline Markdown, pipes in them are escaped here. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) =>
    row.map((cell) => oneLine(cell).replace(/\|/gu, '\\|')),
  );
  return markdownTable(cells, {
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
  return text.replace(/\s*[\r\n]+\s*/gu, ' ').trim();
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
}
