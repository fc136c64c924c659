/** onnxruntime-node is loaded in one file, which turns its telemetry off first; everything else asks that file for it. */

const HOME = 'packages/onnx/src/onnxruntime.ts';

const NAME = 'value=/^onnxruntime-node(\\u002f|$)/';

/** Every way to load a module: statements, types, import(), require(). */
const LOADS = [
  `:matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression, TSImportType)[source.${NAME}]`,
  `TSExternalModuleReference[expression.${NAME}]`,
  `CallExpression[callee.name='require'][arguments.0.${NAME}]`,
];

/** @type {import('eslint').Rule.RuleModule} */
const oneOnnxruntime = {
  create: (context) => {
    /** @type {NonNullable<import('eslint').Rule.RuleListener['Program']>} */
    const object = (node) => {
      const message = `Only ${HOME} loads onnxruntime-node, without its telemetry: use loadOnnxruntime() of @fashion-bench/onnx.`;
      context.report({ node, message });
    };
    return Object.fromEntries(LOADS.map((selector) => [selector, object]));
  },
};

/** @type {import('eslint').Linter.Config} */
export const onnxruntimeConfig = {
  name: 'fashion-bench/onnxruntime',
  files: ['**/*.ts', '**/*.js'],
  ignores: [HOME],
  plugins: { 'fashion-bench': { rules: { 'one-onnxruntime': oneOnnxruntime } } },
  rules: { 'fashion-bench/one-onnxruntime': 'error' },
};
