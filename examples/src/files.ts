// A file that is written whole or not at all, and read only if it is a file of a bounded size.
// Run it: pnpm --dir examples exec tsx src/files.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FileError, readRegularFile, replaceFile } from '@fashion-bench/files';

const folder = await mkdtemp(join(tmpdir(), 'files-'));
const path = join(folder, 'notes.txt');

// A temporary file beside it, fsync, rename: a crash leaves the old notes or the new ones, never half of them.
await replaceFile(path, 'first\n');
await replaceFile(path, [Buffer.from('second, '), Buffer.from('in two pieces\n')]);
console.log((await readRegularFile(path, { maximumBytes: 1_000 })).toString().trim());

// A folder, a pipe, a device or a file that is too large is an error and no wait without end.
try {
  await readRegularFile(path, { maximumBytes: 10 });
} catch (error) {
  if (!(error instanceof FileError)) throw error;
  console.log(`${error.code}: ${error.reason}`);
}
await rm(folder, { recursive: true });

/* Prints:
second, in two pieces
too-large: it has 22 bytes, more than the 10 that are allowed
*/
