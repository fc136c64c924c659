import path from 'node:path';

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

import { layerConfigs, libraryConfig } from './layers.js';
import { onnxruntimeConfig } from './onnxruntime.js';
import { circlesConfig } from './circles.js';
import { typedArraysConfig } from './typed-arrays.js';

/**
 * The one ESLint configuration of the repository. The root's eslint.config.js exports it as it is, and every package
 * finds it from there: `eslint .` in a package's folder is all the wiring it needs. A package must not have an
 * eslint.config.js of its own: the paths in the rules below are read from where the configuration file lies.
 */
export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/.cache/',
    '**/.turbo/',
    '**/generated/',
    // AssemblyScript has types of its own (usize, v128), which TypeScript's rules would misread.
    '**/assembly/',
    'docs/api/',
    'benchmarks/results/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        tsconfigRootDir: path.resolve(import.meta.dirname, '../..'),
        // The one TypeScript file that belongs to no package.
        projectService: { allowDefaultProject: ['vitest.config.ts', 'vitest.long.config.ts'] },
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // Most messages of this project hold numbers.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      // Without these settings the rules of import-x silently find nothing.
      ...importX.flatConfigs.typescript.settings,
      'import-x/resolver-next': [
        createNodeResolver({
          extensions: ['.ts', '.js', '.json'],
          conditionNames: ['@fashion-bench/source', 'types', 'import', 'node', 'default'],
        }),
      ],
    },
    rules: {
      'import-x/no-relative-packages': 'error',
      'import-x/no-extraneous-dependencies': [
        'error',
        { devDependencies: ['**/test/**', '**/scripts/**', '**/*.config.ts'] },
      ],
      'import-x/no-default-export': 'error',
    },
  },
  { files: ['**/*.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  ...layerConfigs,
  libraryConfig,
  onnxruntimeConfig,
  circlesConfig,
  typedArraysConfig,
);
