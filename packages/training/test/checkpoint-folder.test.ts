import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointFolder } from '../src/index.ts';
import { checkpointAt, FailingDisk, scratchFolder } from './support/checkpoints.ts';

/** A folder with the checkpoints of steps 1 to `count`, of which the last two are kept. */
async function folderOf(count: number): Promise<{ path: string; folder: CheckpointFolder }> {
  const path = join(scratchFolder(), 'checkpoints');
  const folder = new CheckpointFolder(path);
  for (let step = 1; step <= count; step++) await folder.save(checkpointAt(step));
  return { path, folder };
}

const firstWeight = async (path: string): Promise<number | undefined> =>
  (await new CheckpointFolder(path).newest())?.checkpoint.snapshot.state.weights[0];

describe('a folder of checkpoints', () => {
  test('keeps the last two, and finds the newest', async () => {
    const { path } = await folderOf(12);
    expect(readdirSync(path).sort()).toEqual(['checkpoint-000011.bin', 'checkpoint-000012.bin']);
    expect(await firstWeight(path)).toBe(12);
  });

  test('nothing there, not even a folder: nothing found', async () => {
    const folder = new CheckpointFolder(join(scratchFolder(), 'none'));
    expect(await folder.newest()).toBeUndefined();
    await folder.clear();
  });

  test('clear removes them and what a crash left, and nobody else’s files', async () => {
    const { path, folder } = await folderOf(2);
    writeFileSync(join(path, 'checkpoint-000003.bin.123.00ff00ff.tmp'), 'half');
    writeFileSync(join(path, 'notes.txt'), '');
    writeFileSync(join(path, 'checkpoint-000100.bin'), 'of another program');
    await folder.clear();
    expect(readdirSync(path)).toEqual(['checkpoint-000100.bin', 'notes.txt']);
  });

  test('what a crash left of one is no checkpoint, and goes with the next', async () => {
    const { path } = await folderOf(2);
    writeFileSync(join(path, 'checkpoint-000003.bin.123.00ff00ff.tmp'), 'half');
    expect(await firstWeight(path)).toBe(2);
    await new CheckpointFolder(path).save(checkpointAt(3));
    expect(readdirSync(path).sort()).toEqual(['checkpoint-000002.bin', 'checkpoint-000003.bin']);
  });
});

describe('a damaged newest one', () => {
  test.each<[string, (file: string) => void]>([
    [
      'cut off',
      (file) => {
        truncateSync(file, 100);
      },
    ],
    [
      'empty',
      (file) => {
        truncateSync(file, 0);
      },
    ],
    ['one byte changed', changeByte],
    [
      'a folder of that name',
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    [
      'a link to a device without end',
      (file) => {
        rmSync(file);
        symlinkSync('/dev/zero', file);
      },
    ],
    [
      'a sparse file of a terabyte',
      (file) => {
        truncateSync(file, 2 ** 40);
      },
    ],
  ])('%s: falls back to the one before, says so, and never counts it again', async (_, damage) => {
    const { path } = await folderOf(3);
    const newest = join(path, 'checkpoint-000003.bin');
    damage(newest);
    const folder = new CheckpointFolder(path);
    const found = await folder.newest();
    expect(found?.path).toBe(join(path, 'checkpoint-000002.bin'));
    expect(found?.skipped).toHaveLength(1);
    expect(found?.skipped[0]).toMatch(
      /checkpoint-000003\.bin (is damaged|could not be read): .*\.$/,
    );
    await folder.save(checkpointAt(4));
    expect(await firstWeight(path)).toBe(4);
    truncateSync(join(path, 'checkpoint-000004.bin'), 10);
    expect(await firstWeight(path)).toBe(2);
  });

  test('both damaged: refused, naming both', async () => {
    const { path } = await folderOf(2);
    for (const name of readdirSync(path)) truncateSync(join(path, name), 50);
    await expect(new CheckpointFolder(path).newest()).rejects.toThrow(
      /^No checkpoint can be read\. .*000002\.bin is damaged.*000001\.bin is damaged/,
    );
  });
});

function changeByte(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length - 60] = bytes[bytes.length - 60]! ^ 1;
  writeFileSync(file, bytes);
}

describe('a disk that fails', () => {
  test.each([
    ['write', 'ENOSPC', 'the disk is full'],
    ['write', 'EDQUOT', 'the disk quota is used up'],
    ['write', 'EIO', 'EIO: simulated'],
    ['open', 'EROFS', 'the disk is read-only'],
    ['open', 'EACCES', 'there is no permission'],
    ['sync', 'ENOENT', 'the folder is gone'],
    ['sync', 'EIO', 'EIO: simulated'],
  ] as const)(
    '%s fails with %s: one sentence, and the last good one stays',
    async (operation, code, why) => {
      const { path } = await folderOf(2);
      const disk = new FailingDisk(operation, code);
      const folder = new CheckpointFolder(path, disk);
      await expect(folder.save(checkpointAt(3))).rejects.toThrow(
        `No checkpoint could be written to ${path}: ${why}.`,
      );
      const good = readdirSync(path).filter((name) => name <= 'checkpoint-000002.bin');
      expect(good.sort()).toEqual(['checkpoint-000001.bin', 'checkpoint-000002.bin']);
      expect(readdirSync(path).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      disk.failing = false;
      await folder.save(checkpointAt(4));
      expect(await firstWeight(path)).toBe(4);
      expect(readdirSync(path)).toHaveLength(2);
    },
  );

  test('a folder that vanished with all above it is not made again; by itself it is', async () => {
    const parent = scratchFolder();
    const path = join(parent, 'checkpoints');
    const folder = new CheckpointFolder(path);
    await folder.save(checkpointAt(1));
    rmSync(path, { recursive: true });
    await folder.save(checkpointAt(2));
    expect(await firstWeight(path)).toBe(2);
    rmSync(parent, { recursive: true });
    await expect(folder.save(checkpointAt(3))).rejects.toThrow(': the folder is gone.');
  });
});
