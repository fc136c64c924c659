// Runs something without the right to enter a folder. Root may enter everything, so root becomes 'nobody' for a while.

import { chmod } from 'node:fs/promises';

const NOBODY = 65_534;

/** Whether this system and user can be kept out of a folder at all. */
export const canLoseRights: boolean = process.platform !== 'win32' && process.geteuid !== undefined;

export async function withoutRights<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  await chmod(folder, 0o000);
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o700);
  }
}
