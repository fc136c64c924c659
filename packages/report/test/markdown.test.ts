import { describe, expect, it } from 'vitest';
import { code, codeBlock, escapeText, link, table } from '../src/markdown.ts';

describe('escapeText', () => {
  it.each([
    ['plain words, 1.5 and (so on)', 'plain words, 1.5 and (so on)'],
    ['avx512_vnni', 'avx512_vnni'],
    ['_emphasis_ and *stars*', '\\_emphasis\\_ and \\*stars\\*'],
    ['<script>alert(1)</script>', '\\<script>alert(1)\\</script>'],
    ['[text](url) `code`', '\\[text\\](url) \\`code\\`'],
    ['back\\slash', 'back\\\\slash'],
    ['~100K &amp;', '\\~100K \\&amp;'],
    ['two\r\n  lines', 'two lines'],
    ['a\\|b', 'a\\\\\\|b'],
    ['# 1', '\\# 1'],
    ['1. a', '1\\. a'],
    ['- a', '\\- a'],
    ['1.5-rc', '1.5-rc'],
    ['$x$', '\\$x\\$'],
    ['at https://a.example/_b_, or c@d.example', 'at `https://a.example/_b_,` or `c@d.example`'],
    ['`www.a.example`', '\\``www.a.example`\\`'],
    ['\u001b[2J\u2028\u202e', '\\\\u001b\\[2J\\\\u2028\\\\u202e'],
  ])('%j becomes %j', (text, markdown) => {
    expect(escapeText(text)).toBe(markdown);
  });
});

describe('code', () => {
  it.each([
    ['a_b*c', '`a_b*c`'],
    ['a`b', 'a\\`b'],
    ['a\\|b', 'a\\\\\\|b'],
    ['C:\\a', 'C:\\\\a'],
    [' ', ''],
    ['a\nb', '`a b`'],
  ])('%j becomes %j', (text, markdown) => {
    expect(code(text)).toBe(markdown);
  });

  it('fences a block with more backticks than it holds', () => {
    expect(codeBlock(['echo ```` x'], 'sh')).toBe('`````sh\necho ```` x\n`````');
  });
});

describe('table', () => {
  it('pads and aligns', () => {
    expect(table([{ title: 'Name' }, { title: 'Time', align: 'right' }], [['a', '1.5 s']])).toBe(
      ['| Name |  Time |', '| :--- | ----: |', '| a    | 1.5 s |'].join('\n'),
    );
  });
});

it('a link cannot be ended early by its address', () => {
  expect(link('a [b]', 'https://example.org/x_(y)?q=<z>')).toBe(
    '[a \\[b\\]](https://example.org/x_%28y%29?q=%3cz%3e)',
  );
});
