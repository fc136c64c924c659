// The rules of the shared configuration, shown wrong code: each planted fault must be found, by the rule meant for it,
// and the same code must pass where it is allowed. The files do not exist; only their paths matter.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const root = path.resolve(fileURLToPath(new URL('../../../', import.meta.url)));

// The whole shared configuration, less the rules that need types: those would want the planted file on disk.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    {
      files: ['**/*.ts'],
      ...tseslint.configs.disableTypeChecked,
      languageOptions: { parserOptions: { projectService: false } },
    },
    { files: ['**/*.ts'], rules: { 'fashion-bench-types/typed-array-index': 'off' } },
  ],
});

/** Names of the rules that object to this text in this place. */
async function objections(file: string, text: string): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

const use = (specifier: string): string =>
  `import { x } from '${specifier}';\nexport const y: unknown = x;\n`;

describe('direction of imports', () => {
  test.each([
    // upwards
    ['packages/engine/src/a.ts', '@fashion-bench/training'],
    ['packages/training/src/a.ts', '@fashion-bench/cnn'],
    ['packages/training/src/a.ts', '@fashion-bench/knn'],
    ['packages/knn/src/a.ts', '@fashion-bench/cnn'],
    ['packages/onnx/src/a.ts', '@fashion-bench/engine'],
    // arithmetic knows nothing of fashion, and records nothing of arithmetic
    ['packages/knn/src/a.ts', '@fashion-bench/dataset'],
    ['packages/cnn/src/a.ts', '@fashion-bench/dataset'],
    ['packages/report/src/a.ts', '@fashion-bench/knn'],
    ['packages/report/src/a.ts', '@fashion-bench/random'],
    // the ground floor
    ['packages/random/src/a.ts', '@fashion-bench/dataset'],
    ['packages/dataset/src/a.ts', '@fashion-bench/augment'],
    ['packages/augment/src/a.ts', '@fashion-bench/dataset'],
    // a longer name that begins like an allowed one
    ['packages/dataset/src/a.ts', '@fashion-bench/randomness'],
    // a path inside a forbidden package
    ['packages/knn/src/a.ts', '@fashion-bench/cnn/package.json'],
    // tests do not go upwards either
    ['packages/training/test/a.test.ts', '@fashion-bench/cnn'],
    ['packages/random/test/a.test.ts', '@fashion-bench/dataset'],
    ['packages/knn/scripts/a.ts', '@fashion-bench/cnn'],
    // nobody imports apps/
    ['packages/report/src/a.ts', '@fashion-bench/bench'],
    ['packages/cnn/test/a.test.ts', '@fashion-bench/bench'],
    ['examples/src/a.ts', '@fashion-bench/bench'],
    ['benchmarks/src/a.ts', '@fashion-bench/bench'],
  ])('%s may not import %s', async (file, specifier) => {
    expect(await objections(file, use(specifier))).toContain('no-restricted-imports');
  });

  test.each([
    ['packages/dataset/src/a.ts', '@fashion-bench/random'],
    ['packages/knn/src/a.ts', '@fashion-bench/onnx'],
    ['packages/training/src/a.ts', '@fashion-bench/onnx'],
    ['packages/cnn/src/a.ts', '@fashion-bench/training'],
    ['packages/training/test/a.test.ts', '@fashion-bench/dataset'],
    ['packages/report/test/a.test.ts', '@fashion-bench/report'],
    ['apps/bench/src/a.ts', '@fashion-bench/report'],
    ['packages/engine/src/a.ts', '@fashion-bench/onnx'],
    ['examples/src/a.ts', '@fashion-bench/knn'],
  ])('%s may import %s', async (file, specifier) => {
    expect(await objections(file, use(specifier))).not.toContain('no-restricted-imports');
  });

  test.each([
    [
      'a type',
      "import type { X } from '@fashion-bench/cnn';\nexport type Y = X;\n",
      'no-restricted-imports',
    ],
    ['an export from', "export { x } from '@fashion-bench/cnn';\n", 'no-restricted-imports'],
    ['a side effect', "import '@fashion-bench/cnn';\n", 'no-restricted-imports'],
    [
      'import()',
      "export const x: unknown = await import('@fashion-bench/cnn');\n",
      'no-restricted-syntax',
    ],
    [
      "typeof import('')",
      "export type X = typeof import('@fashion-bench/cnn');\n",
      'no-restricted-syntax',
    ],
    ['a path into another package', use('../../cnn/src/index.ts'), 'import-x/no-relative-packages'],
    [
      'a path into the app',
      use('../../../apps/bench/src/main.ts'),
      'import-x/no-relative-packages',
    ],
  ])('is held for %s', async (_form, text, rule) => {
    expect(await objections('packages/engine/src/a.ts', text)).toContain(rule);
  });

  test('says what the file may import', async () => {
    const [result] = await eslint.lintText(use('@fashion-bench/cnn'), {
      filePath: path.join(root, 'packages/training/src/a.ts'),
    });
    expect(result?.messages.map((message) => message.message).join('\n')).toContain(
      'packages/training/src may import of this repository only files, onnx, random',
    );
  });
});

describe('onnxruntime-node is loaded in one place, which turns its telemetry off', () => {
  const rule = 'fashion-bench/one-onnxruntime';
  const forms = [
    use('onnxruntime-node'),
    "import type { X } from 'onnxruntime-node';\nexport type Y = X;\n",
    "export type { X } from 'onnxruntime-node';\n",
    "export * from 'onnxruntime-node/dist/index.js';\n",
    "export const x: unknown = await import('onnxruntime-node');\n",
    "export type X = typeof import('onnxruntime-node');\n",
    "export const x: unknown = require('onnxruntime-node');\n",
  ];
  test.each(forms)('%j', async (text) => {
    for (const folder of [
      'packages/onnx/src',
      'packages/knn/test',
      'apps/bench/src',
      'examples/src',
    ])
      expect(await objections(`${folder}/a.ts`, text)).toContain(rule);
    expect(await objections('packages/onnx/src/onnxruntime.ts', text)).not.toContain(rule);
    const other = text.replace('onnxruntime-node', 'onnxruntime-web');
    expect(await objections('packages/onnx/src/a.ts', other)).not.toContain(rule);
  });
});

describe('library packages do not print, read arguments or exit', () => {
  const faults: [string, string][] = [
    ["console.log('x');\n", 'no-console'],
    ["console.error('x');\n", 'no-console'],
    ['process.exit(1);\n', 'no-restricted-properties'],
    ['process.exitCode = 1;\n', 'no-restricted-properties'],
    ["process.stdout.write('x');\n", 'no-restricted-properties'],
    ['export const a: readonly string[] = process.argv;\n', 'no-restricted-properties'],
    [
      'const { argv } = process;\nexport const a: readonly string[] = argv;\n',
      'no-restricted-properties',
    ],
    ["import { exit } from 'node:process';\nexit(1);\n", 'no-restricted-imports'],
  ];
  test.each(faults)('%j', async (text, rule) => {
    expect(await objections('packages/training/src/a.ts', text)).toContain(rule);
    expect(await objections('apps/bench/src/a.ts', text)).not.toContain(rule);
  });
});

test('a default export is refused, but in a configuration file', async () => {
  const text = 'export default 1;\n';
  expect(await objections('packages/knn/src/a.ts', text)).toContain('import-x/no-default-export');
  expect(await objections('vitest.config.ts', text)).not.toContain('import-x/no-default-export');
});

describe('the index of a typed array', () => {
  const rule = 'fashion-bench-types/typed-array-index';
  // With types, so in the name of a file that exists.
  const typed = new ESLint({ cwd: root });
  const filePath = path.join(root, 'packages/random/src/index.ts');
  const objects = async (expression: string): Promise<boolean> => {
    const text = `export function f<T extends Uint8Array | Float32Array>(bytes: Uint8Array, generic: T, plain: number[], maybe?: Float64Array): unknown { return ${expression}; }\n`;
    const [result] = await typed.lintText(text, { filePath });
    return result?.messages.some(({ ruleId }) => ruleId === rule) ?? false;
  };
  test.each(['bytes[0] ?? 0', 'generic[1] ?? NaN', '2 * (bytes[0] ?? 0)', 'plain[0]!', 'maybe!'])(
    'is refused: %s',
    async (expression) => {
      expect(await objects(expression)).toBe(true);
    },
  );
  test.each(['bytes[0]!', 'generic[1]!', 'plain[0] ?? 0', 'maybe?.[0] ?? 1', 'bytes[0]! + 1'])(
    'is allowed: %s',
    async (expression) => {
      expect(await objects(expression)).toBe(false);
    },
  );
});
