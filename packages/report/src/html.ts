/** The report as one HTML file that needs nothing else: the Markdown of `renderReport`, with every figure inside. */

import { createHash } from 'node:crypto';
import { Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';
import { isObject, mustBe, mustBeText } from './checks.ts';
import type { Figure } from './figures/figure.ts';
import { escapeXml } from './figures/svg.ts';
import { darkStyle, FONT } from './figures/theme.ts';
import { FIGURES_FOLDER } from './sections/figure.ts';

/** Colours are those of the figures, which bring their own surface. */
const STYLE = `
:root{color-scheme:light dark;--surface:#ffffff;--ink:#1f2328;--muted:#59636e;--line:#d1d9e0;--shade:#f6f8fa;--link:#0969da;--edge:rgba(31,35,40,.28)}
@media (prefers-color-scheme:dark){:root{--surface:#0d1117;--ink:#e6edf3;--muted:#9198a1;--line:#3d444d;--shade:#151b23;--link:#4493f8;--edge:rgba(230,237,243,.35)}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1000px;padding:24px 16px 64px;background:var(--surface);color:var(--ink);font:16px/1.55 ${FONT}}
h1{font-size:1.75em;line-height:1.25}
h2{margin-top:2em;padding-bottom:.3em;border-bottom:1px solid var(--line);font-size:1.4em;scroll-margin-top:8px}
a{color:var(--link)}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.87em}
code{padding:.15em .35em;border-radius:5px;background:var(--shade);overflow-wrap:anywhere}
pre{padding:14px;border-radius:6px;background:var(--shade);overflow-x:auto}
pre code{padding:0;background:none}
blockquote{margin:1em 0;padding:.1em 1em;border-left:4px solid #c94f00;background:var(--shade)}
nav{font-size:.9em}
nav ul{margin:.5em 0;padding:0;list-style:none}
nav li{display:inline-block;margin-right:1.3em}
nav a{display:block;padding:.15em 0;text-decoration:none}
nav a:hover{text-decoration:underline}
.table,.figure{overflow-x:auto;margin:1em 0;background:linear-gradient(90deg,transparent,var(--surface) 70%) right/40px 100% no-repeat local,linear-gradient(90deg,transparent,var(--edge)) right/14px 100% no-repeat scroll}
table{width:max-content;border-collapse:collapse;font-size:.9em;font-variant-numeric:tabular-nums}
th,td{max-width:24em;padding:6px 11px;border:1px solid var(--line);vertical-align:top}
th{background:var(--shade)}
td code{overflow-wrap:break-word}
.figure svg{display:block;max-width:100%;height:auto}
td:has(img){max-width:none}
td img{display:block;max-width:none;height:auto}
summary{cursor:pointer;color:var(--link)}
@media (min-width:1000px){table{width:auto}td:not([align=right]){min-width:7.5em}}
@media (min-width:1300px){body{max-width:1270px;display:grid;grid-template-columns:230px 968px;gap:40px}nav{position:sticky;top:24px;align-self:start;max-height:calc(100vh - 48px);overflow-y:auto}nav li{display:block;margin:0}}
@media (max-width:700px){body{font-size:15px}th,td{padding:5px 8px}th:first-child,td:first-child{position:sticky;left:0;max-width:8.5em;background:var(--surface);overflow-wrap:break-word}th:first-child{background:var(--shade)}td img{width:230px}.figure{display:flex}.figure svg{flex:none;width:720px;max-width:none}.figure::after{content:'';position:sticky;right:0;flex:none;width:14px;margin-left:-14px;background:linear-gradient(90deg,transparent,var(--edge))}}
`;

/** Nothing is fetched, sent, run or opened; the two style sheets are known by their hashes. */
const POLICY = [
  "default-src 'none'",
  'img-src data:',
  `style-src ${[STYLE, darkStyle()].map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`).join(' ')}`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The one piece of HTML that `markdown.ts` writes. */
const FOLDED: TokenizerAndRendererExtension = {
  name: 'folded',
  level: 'block',
  tokenizer(source) {
    const found =
      /^<details>\n<summary>([\w ]+)<\/summary>\n\n([\s\S]*?)\n\n<\/details>(?:\n|$)/u.exec(source);
    if (found === null) return undefined;
    const [raw, summary = '', body = ''] = found;
    return { type: 'folded', raw, summary, tokens: this.lexer.blockTokens(body, []) };
  },
  renderer({ summary, tokens = [] }) {
    return `<details>\n<summary>${escapeXml(String(summary))}</summary>\n${this.parser.parse(tokens)}</details>\n`;
  },
};

function nothing(): undefined {
  return undefined;
}

/**
 * @param markdown from `renderReport`
 * @param figures the same ones that it was given
 * @returns an HTML document without a reference to any other file
 */
export function renderHtml(markdown: string, figures: readonly Figure[]): string {
  mustBeText('The Markdown', markdown);
  mustBe(
    'The figures',
    'a list of figures',
    figures,
    Array.isArray(figures) && figures.every(isObject),
  );
  const byFile = new Map(figures.map((figure) => [`${FIGURES_FOLDER}/${figure.file}`, figure]));
  const contents: string[] = [];
  const marked = new Marked({
    gfm: true,
    // Texts of others are in there: no HTML of theirs, and no link but those written out as one.
    tokenizer: { html: nothing, tag: nothing, url: nothing, autolink: nothing, def: nothing },
    extensions: [FOLDED],
    renderer: {
      heading({ tokens, depth }: Tokens.Heading): string {
        const text = this.parser.parseInline(tokens);
        if (depth !== 2) return `<h${depth}>${text}</h${depth}>\n`;
        const id = `section-${contents.length + 1}`;
        contents.push(`<li><a href="#${id}">${text}</a></li>`);
        return `<h2 id="${id}">${text}</h2>\n`;
      },
      link({ href, tokens }: Tokens.Link): string {
        const text = this.parser.parseInline(tokens);
        return /^https?:\/\//u.test(href) ? `<a href="${escapeXml(href)}">${text}</a>` : text;
      },
      image({ href, text }: Tokens.Image): string {
        const figure = byFile.get(href);
        return figure === undefined ? escapeXml(text) : inline(figure);
      },
    },
    hooks: {
      // A table that is wider than the page scrolls by itself; keyboards reach it, too.
      postprocess: (html: string) =>
        html
          .replaceAll(
            '<table>',
            '<div class="table" tabindex="0" role="region" aria-label="table"><table>',
          )
          .replaceAll('</table>', '</table></div>')
          .replaceAll(/<p>(<div class="figure"[\s\S]*?<\/div>)<\/p>/gu, '$1'),
    },
  });
  const body = marked.parse(markdown, { async: false });
  const title = /^# (.+)$/mu.exec(markdown)?.[1] ?? 'Report';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<nav aria-label="contents">
<ul>
${contents.join('\n')}
</ul>
</nav>
<main>
${body.trim()}
</main>
</body>
</html>
`;
}

function inline({ alt, content }: Figure): string {
  if (typeof content === 'string')
    return `<div class="figure" tabindex="0">${content.trim()}</div>`;
  const data = Buffer.from(content).toString('base64');
  return `<img alt="${escapeXml(alt)}" src="data:image/png;base64,${data}">`;
}
