/**
 * One run at a time in a folder: a file that names the process at work. It is taken over from a process that is dead, which
 * its number alone does not tell, since numbers are used again: on Linux the time that the process began and the boot count
 * as well.
 */

import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import { codeOf, OTHER_FOLDER, OutputError } from './errors.ts';

export const LOCK_FILE = '.run.lock';

const owner = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** Clock ticks from boot to the start of the process; null where the system does not tell. */
  started: z.string().nullable(),
  boot: z.string().nullable(),
});

type Owner = z.infer<typeof owner>;

/**
 * @returns gives the folder free again
 * @throws OutputError 'in-use' while another process works in the folder, 'unwritable' where no lock can be made
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE);
  const mine = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const text = JSON.stringify(await ownerOf(process.pid));
  try {
    await writeFile(mine, text, { flag: 'wx' });
    await take(path, mine, folder);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new OutputError(
      'unwritable',
      `${folder} could not be locked against other runs (${detail}); ${OTHER_FOLDER}.`,
      { cause: error },
    );
  } finally {
    await rm(mine, { force: true });
  }
  return async () => {
    // What cannot be removed is a dead process' lock soon, and does no harm.
    const there = await readIfThere(path).catch(() => null);
    if (there === text) await rm(path, { force: true }).catch(() => undefined);
  };
}

/** A link appears whole or not at all, and not where there is one already. */
async function take(path: string, mine: string, folder: string): Promise<void> {
  for (;;) {
    try {
      await link(mine, path);
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const there = await readIfThere(path);
    if (there === null) continue; // given free meanwhile
    const found = parse(there);
    if (found !== null && (await isAlive(found))) throw inUse(folder, found);
    // Of two that find a dead one, only the one that holds the claim may remove it; a claim can be a dead one's, too.
    const claim = `${path}.takeover`;
    await take(claim, mine, folder);
    try {
      if ((await readIfThere(path)) === there) await rm(path, { force: true });
    } finally {
      await rm(claim, { force: true });
    }
  }
}

function inUse(folder: string, { pid, host }: Owner): OutputError {
  const elsewhere = host === hostname() ? '' : ` on ${host}`;
  return new OutputError(
    'in-use',
    `Another run is at work in ${folder} (process ${pid}${elsewhere}): wait for its end, or ${OTHER_FOLDER}${elsewhere && `; should it be dead, remove ${LOCK_FILE} there`}.`,
  );
}

/** Half a lock, from a crash of the machine, is nobody's. */
function parse(text: string): Owner | null {
  try {
    return owner.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function isAlive(there: Owner): Promise<boolean> {
  if (there.host !== hostname()) return true; // cannot be known from here
  try {
    process.kill(there.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const now = await ownerOf(there.pid);
  return now.started === there.started && now.boot === there.boot;
}

async function ownerOf(pid: number): Promise<Owner> {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which can hold spaces and brackets itself; the start is the 22nd.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  const boot = (await readIfThere('/proc/sys/kernel/random/boot_id'))?.trim() ?? null;
  return { pid, host: hostname(), started, boot };
}

/** null where there is no such file. */
async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
