import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { LOCK_FILE, lockFolder } from '../src/run-lock.ts';
import { bench, fakeServices, SMALL, temporaryFolder } from './fakes.ts';

describe('the lock of a run', () => {
  it('refuses a second run in the folder, and nothing is left of it', async () => {
    const folder = temporaryFolder();
    const release = await lockFolder(folder);
    const outcome = await bench(['knn', '--out', folder, ...SMALL], fakeServices());
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toBe(
      `Another run is at work in ${folder} (process ${process.pid}): wait for its end, or choose another folder with --out.\n`,
    );
    expect(readdirSync(folder)).toEqual([LOCK_FILE]);
    await release();
    expect(readdirSync(folder)).toEqual([]);
    expect((await bench(['knn', '--out', folder, ...SMALL], fakeServices())).code).toBe(0);
    expect(readdirSync(folder)).toContain('report.md');
  });

  it('of eight that ask at once, one gets it, also where a dead one lies', async () => {
    const folder = temporaryFolder();
    for (const dead of ['', 'half a lo']) {
      if (dead !== '') writeFileSync(join(folder, LOCK_FILE), dead);
      const asked = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
      const given = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(given).toHaveLength(1);
      await given[0]?.();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1 }],
    ['another process of the same number', { started: '1' }],
    ['the time before a reboot', { boot: '00000000-0000-0000-0000-000000000000' }],
  ])('is taken over from %s', async (_, changes) => {
    const folder = temporaryFolder();
    const release = await lockFolder(folder);
    const path = join(folder, LOCK_FILE);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as object;
    await release();
    writeFileSync(path, JSON.stringify({ ...mine, ...changes }));
    const again = await lockFolder(folder);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(mine);
    await again();
  });

  it('of another machine is not judged from here', async () => {
    const folder = temporaryFolder();
    const there = { pid: 1, host: `not-${hostname()}`, started: null, boot: null };
    writeFileSync(join(folder, LOCK_FILE), JSON.stringify(there));
    await expect(lockFolder(folder)).rejects.toThrow(`on ${there.host}`);
  });
});
