/**
 * No circle of imports between files, type imports counted: a file that needs its user's types is half of another file all the
 * same. import-x/no-cycle leaves type imports out. Only relative imports are followed; the table of layers holds the arrows between packages.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** @type {Map<string, { readonly changed: number, readonly imports: readonly string[] }>} */
const known = new Map();

/**
 * @param {string} file
 * @returns {readonly string[]} the files that it imports, `import()` and types included
 */
function importsOf(file) {
  if (!existsSync(file)) return [];
  const changed = statSync(file).mtimeMs;
  const before = known.get(file);
  if (before?.changed === changed) return before.imports;
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:\bfrom|\bimport\(|^import) *'(\.[^']*)'/gm);
  const imports = [...found].map(([, to = '']) => path.resolve(path.dirname(file), to));
  known.set(file, { changed, imports });
  return imports;
}

/**
 * @param {string} from
 * @param {string} to
 * @returns {readonly string[]} a way along imports between two files, both included; none: empty
 */
function wayBetween(from, to) {
  const seen = new Set([from]);
  let ways = [[from]];
  while (ways.length > 0) {
    const arrived = ways.find((way) => way.at(-1) === to);
    if (arrived) return arrived;
    ways = ways.flatMap((way) =>
      importsOf(way.at(-1) ?? '')
        .filter((next) => !seen.has(next) && seen.add(next))
        .map((next) => [...way, next]),
    );
  }
  return [];
}

/** @type {import('eslint').Rule.RuleModule} */
const noCircle = {
  create: (context) => {
    /** @param {import('eslint').Rule.Node} node */
    const check = (node) => {
      const source = 'source' in node ? node.source : undefined;
      const to = source && 'value' in source ? source.value : undefined;
      if (typeof to !== 'string' || !to.startsWith('.')) return;
      const file = path.resolve(path.dirname(context.filename), to);
      const way = wayBetween(file, context.filename);
      if (way.length === 0) return;
      const names = way.map((one) => path.basename(one)).join(', ');
      context.report({ node, message: `These files import each other in a circle: ${names}.` });
    };
    return {
      ':matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression)':
        check,
    };
  },
};

/** @type {import('eslint').Linter.Config} */
export const circlesConfig = {
  name: 'fashion-bench/circles',
  files: ['**/*.ts'],
  plugins: { 'fashion-bench-circles': { rules: { 'no-circle': noCircle } } },
  rules: { 'fashion-bench-circles/no-circle': 'error' },
};
