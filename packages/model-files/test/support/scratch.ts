// A place for a model of its own for every test, removed at the end.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';

/** Gives the path of the folder of the running test; neither it nor its parent exists yet. */
export function scratchFolder(): () => string {
  let root = '';
  let count = 0;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'model-files-'));
  });
  beforeEach(() => {
    count++;
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });
  return () => join(root, `${count}`, 'model');
}
