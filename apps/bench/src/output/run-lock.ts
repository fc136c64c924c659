/**
 * One run at a time in a folder: a file that names the process at work. It is made by an exclusive open, which network
 * shares, buckets and exFAT have, too, where links are refused. A process of the same system is judged by its number, the
 * time that it began, the boot and the PID namespace; of any other nothing is known but that it writes its lock anew as long
 * as it lives. A lock that was wrongly taken over loses nothing: its first owner looks before it writes, and stops.
 *
 * Not proper-lockfile: it knows only the age of a lock, so that a process which is suspended or computes for ten seconds
 * counts as dead, and a dead one as alive for as long; and it puts signal handlers of its own into the process.
 */

import { randomBytes } from 'node:crypto';
import { lstat, open, readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  FileError,
  fileError,
  readRegularFile,
  systemCode,
  writeNewFile,
} from '@fashion-bench/files';
import { z } from 'zod';

import { OTHER_FOLDER, OutputError } from '../process/errors.ts';

export const LOCK_FILE = '.run.lock';
const LOCK_BYTES = 4096;

const owner = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** Clock ticks from boot to the start of the process; null where the system does not tell. */
  started: z.string().nullable(),
  boot: z.string().nullable(),
  /** Where the number counts: `pid:[4026531836]`; null where the system does not tell. */
  namespace: z.string().nullable(),
  /** Tells two locks of one process apart. */
  token: z.string(),
});

type Owner = z.infer<typeof owner>;

/** How often a lock is written anew, and after how long a silence an owner that cannot be judged counts as dead. */
const SIGN_OF_LIFE_MS = 15_000;
const DEAD_AFTER_MS = 180_000;
/** For so long half a lock may be one that is just being written. */
const HALF_MS = 1000;

export interface FolderLock {
  /** @throws OutputError 'in-use' where the folder is another run's by now, or has been removed */
  check(): Promise<void>;
  /** Gives the folder free again. */
  release(): Promise<void>;
}

/** @throws OutputError 'in-use' while another process works in the folder, 'unwritable' where no lock can be made */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_FILE);
  const text = JSON.stringify(await ownerOf(process.pid, randomBytes(8).toString('hex')));
  try {
    await take(path, text, folder);
  } catch (error) {
    if (error instanceof OutputError) throw error;
    const detail = fileError(error, 'written', path).reason;
    throw new OutputError(
      'unwritable',
      `${folder} could not be locked against other runs (${detail}); ${OTHER_FOLDER}.`,
      { cause: error },
    );
  }
  const timer = setInterval(() => {
    void signOfLife(path, text).catch(() => undefined);
  }, SIGN_OF_LIFE_MS).unref();
  return {
    check: async () => {
      const there = await look(path).catch(() => text); // a disk that cannot be read says nothing of owners
      if (there === text) return;
      throw new OutputError(
        'in-use',
        `${folder} has been removed, or taken by another run, since this run began: nothing more is written there; start this run anew with another --out.`,
      );
    },
    release: async () => {
      clearInterval(timer);
      // What cannot be removed is a dead process' lock soon, and does no harm.
      const there = await look(path).catch(() => null);
      if (there === text) await rm(path, { force: true }).catch(() => undefined);
    },
  };
}

/** Writes the same bytes: only the time of the file changes, by the clock of its disk. */
async function signOfLife(path: string, text: string): Promise<void> {
  if ((await look(path)) !== text) return;
  const file = await open(path, 'r+');
  await file.write(text, 0).finally(() => file.close());
}

async function take(path: string, text: string, folder: string): Promise<void> {
  for (let half = 0; ;) {
    if (await create(path, text)) return;
    const there = await look(path);
    if (there === null) continue; // given free meanwhile
    const found = parse(there);
    if (found === null && half < HALF_MS) {
      half += 100;
      await sleep(100);
      continue;
    }
    const state = found === null ? 'dead' : await judge(found, path);
    if (found !== null && state !== 'dead') throw inUse(folder, found, state === 'heard');
    // Of two that find a dead one, only the one that holds the claim may remove it; a claim can be a dead one's, too.
    const claim = `${path}.takeover`;
    await take(claim, text, folder);
    try {
      if ((await look(path)) === there) await rm(path, { force: true });
    } finally {
      await rm(claim, { force: true });
    }
  }
}

/** False where there is something of that name, be it a link to nowhere. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeNewFile(path, text);
    return true;
  } catch (error) {
    if (error instanceof FileError && systemCode(error.cause) === 'EEXIST') return false;
    throw error;
  }
}

function inUse(folder: string, { pid, host }: Owner, unknown: boolean): OutputError {
  const elsewhere = host === hostname() ? '' : ` on ${host}`;
  return new OutputError(
    'in-use',
    `Another run is at work in ${folder} (process ${pid}${elsewhere}): wait for its end, or ${OTHER_FOLDER}${unknown ? `; should it be dead, wait ${DEAD_AFTER_MS / 60_000} minutes or remove ${LOCK_FILE} there` : ''}.`,
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

/** `heard`: not to be judged from here, but its lock was written a short while ago. */
async function judge(there: Owner, path: string): Promise<'alive' | 'dead' | 'heard'> {
  const now = await ownerOf(there.pid, there.token);
  const { boot, namespace } = now;
  const here = boot === null || namespace === null ? there.host === now.host : true;
  if (here && there.boot === boot && there.namespace === namespace) {
    try {
      process.kill(there.pid, 0);
    } catch (error) {
      if (systemCode(error) === 'ESRCH') return 'dead';
    }
    if (there.started !== null && now.started !== null) {
      return now.started === there.started ? 'alive' : 'dead';
    }
  }
  return (await silence(path)) < DEAD_AFTER_MS ? 'heard' : 'dead';
}

/** Milliseconds since the lock was last written, by the clock of its disk. */
async function silence(path: string): Promise<number> {
  const probe = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    await create(probe, '');
    return (await lstat(probe)).mtimeMs - (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return Infinity; // given free meanwhile
    throw error;
  } finally {
    await rm(probe, { force: true });
  }
}

async function ownerOf(pid: number, token: string): Promise<Owner> {
  const stat = await system(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which can hold spaces and brackets itself; the start is the 22nd.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  const boot = (await system('/proc/sys/kernel/random/boot_id'))?.trim() ?? null;
  const namespace = await readlink('/proc/self/ns/pid').catch(() => null);
  return { pid, host: hostname(), started, boot, namespace, token };
}

/** The text of a lock; null where there is none. @throws OutputError for something that is no file; FileError */
async function look(path: string): Promise<string | null> {
  try {
    if ((await lstat(path)).isSymbolicLink()) {
      throw new OutputError('unwritable', `${path} is a link, not a lock: remove it.`);
    }
    return Buffer.from(await readRegularFile(path, { maximumBytes: LOCK_BYTES })).toString();
  } catch (error) {
    if (isMissing(error)) return null;
    if (!(error instanceof FileError) || error.code !== 'not-regular') throw error;
    throw new OutputError('unwritable', `${path} is no file, and no lock: remove it.`);
  }
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'not-found';
}

/** null where the system does not tell. */
function system(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}
