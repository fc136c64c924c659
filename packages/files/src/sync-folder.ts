import { open } from 'node:fs/promises';
import { checkPath } from './checks.ts';
import { fileError, systemCode } from './errors.ts';

/** What systems say that cannot flush a folder: Windows, network shares, buckets, folders that may not be read. */
const REFUSALS: ReadonlySet<string> = new Set([
  ...['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'],
  ...['EPERM', 'EACCES', 'EISDIR', 'EBADF'],
]);

/**
 * Makes the names in a folder durable, where the file system can do that; where it cannot, nothing is done.
 * @throws FileError where the disk fails, or the folder is gone
 */
export async function syncFolder(path: string): Promise<void> {
  checkPath(path, 'written');
  try {
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } catch (error) {
    if (!REFUSALS.has(systemCode(error) ?? '')) throw fileError(error, 'written', path);
  }
}
