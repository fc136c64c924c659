import { defineConfig } from 'vitest/config';

/**
 * The one test configuration: each package runs `vitest run --config ../../vitest.config.ts` in its own folder.
 * Tests read the other packages' sources, so no build is needed before them.
 */
export default defineConfig({
  ssr: {
    resolve: { conditions: ['@fashion-bench/source', 'module', 'node', 'development|production'] },
  },
  test: {
    include: ['**/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/*.long.test.ts'],
    // Far above what any test takes: it ends a test that hangs, and says nothing about a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // The JSON file has the counts that .ci/run adds up over all packages.
    reporters: ['default', ['json', { outputFile: '.cache/vitest.json' }]],
  },
});
