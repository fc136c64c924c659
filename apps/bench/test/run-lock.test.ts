import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { LOCK_FILE, lockFolder } from '../src/output/run-lock.ts';
import { bench, fakeServices, knnResult, SMALL, temporaryFolder } from './fakes.ts';

describe('the lock of a run', () => {
  it('refuses a second run in the folder, and nothing is left of it', async () => {
    const folder = temporaryFolder();
    const lock = await lockFolder(folder);
    const outcome = await bench(['knn', '--out', folder, ...SMALL], fakeServices());
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toBe(
      `Another run is at work in ${folder} (process ${process.pid}): wait for its end, or choose another folder with --out.\n`,
    );
    expect(readdirSync(folder)).toEqual([LOCK_FILE]);
    await lock.release();
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
      await given[0]?.release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 + 1 }],
    ['another process of the same number', { started: '1' }],
  ])('is taken over from %s', async (_, changes) => {
    const folder = temporaryFolder();
    const lock = await lockFolder(folder);
    const path = join(folder, LOCK_FILE);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as object;
    await lock.release();
    writeFileSync(path, JSON.stringify({ ...mine, ...changes }));
    const again = await lockFolder(folder);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      ...mine,
      token: expect.any(String) as string,
    });
    await again.release();
  });

  it.each([
    ['another machine', { host: 'elsewhere', boot: '0' }],
    ['another container', { namespace: 'pid:[1]' }],
    ['the time before a reboot', { boot: '0' }],
  ])('of %s is judged by its last sign of life', async (_, changes) => {
    const folder = temporaryFolder();
    const path = join(folder, LOCK_FILE);
    const lock = await lockFolder(folder);
    const mine = JSON.parse(readFileSync(path, 'utf8')) as object;
    await lock.release();
    writeFileSync(path, JSON.stringify({ ...mine, pid: 2 ** 22 + 1, ...changes }));
    await expect(lockFolder(folder)).rejects.toThrow(
      'should it be dead, wait 3 minutes or remove .run.lock there.',
    );
    const longAgo = new Date(Date.now() - 240_000);
    utimesSync(path, longAgo, longAgo);
    await (await lockFolder(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['a link to nowhere', 'a folder'])('is refused where %s has its name', async (what) => {
    const folder = temporaryFolder();
    const path = join(folder, LOCK_FILE);
    if (what === 'a folder') mkdirSync(path);
    else symlinkSync('nowhere', path);
    await expect(lockFolder(folder)).rejects.toThrow(/no(?: file, and no| lock)|not a lock/);
  });

  it('that was lost ends the run before it writes over another', async () => {
    const folder = temporaryFolder();
    const outcome = await bench(
      ['knn', '--out', folder, ...SMALL],
      fakeServices({
        parts: {
          ...fakeServices().parts,
          knn: async ({ journal }) => {
            await journal.addKnn(knnResult());
            rmSync(join(folder, LOCK_FILE));
            writeFileSync(join(folder, LOCK_FILE), 'of another');
            writeFileSync(join(folder, 'record.json'), 'of another');
            await journal.addKnn(knnResult());
          },
        },
      }),
    );
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.err).toContain(
      'taken by another run, since this run began: nothing more is written',
    );
    expect(readFileSync(join(folder, 'record.json'), 'utf8')).toBe('of another');
    expect(readFileSync(join(folder, LOCK_FILE), 'utf8')).toBe('of another');
  });
});
