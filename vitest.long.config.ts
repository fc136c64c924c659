import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/**
 * The long lane, `pnpm test:long`: suites of a minute and more, because they kill, stop and resume hundreds of runs. `pnpm
 * test` goes without them; `.ci/run` has both.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['**/test/**/*.long.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', ['json', { outputFile: '.cache/vitest-long.json' }]],
  },
});
