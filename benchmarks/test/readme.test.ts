import { existsSync, readFileSync } from 'node:fs';

import { drawSpeedTable, parsePeers } from '@fashion-bench/report';
import { expect, it } from 'vitest';

const results = new URL('../results/', import.meta.url);

/** The records that the README's table is drawn from, in the order of `pnpm bench peers readme`. */
const recorded = ['peers-cnn', 'peers-knn'].flatMap((folder) => {
  const path = new URL(`${folder}/record.json`, results);
  if (!existsSync(path)) return [];
  const record = parsePeers(readFileSync(path, 'utf8'), path.pathname);
  return [{ record, url: `benchmarks/results/${folder}/report.md` }];
});

it("the README's speed table is the one that its records give", () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme, 'run `pnpm bench peers readme`').toBe(drawSpeedTable(readme, recorded));
});
