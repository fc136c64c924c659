import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * The long lane, `pnpm test:long`: suites of a minute and more, because they kill, stop and resume hundreds of runs. `pnpm
 * test` goes without them; `.ci/run` has both. The limit of time only ends what hangs: on a slow machine with other work a
 * suite takes many times what it takes alone.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['**/test/**/*.long.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    testTimeout: 1_200_000,
    hookTimeout: 600_000,
    reporters: ['default', ['json', { outputFile: '.cache/vitest-long.json' }]],
  },
});
