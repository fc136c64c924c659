/**
 * What the system lets this process have. Looked at before anything is loaded: where handles run out Node's loader says
 * that a package is not there, and where memory runs out V8 aborts.
 */

import { closeSync, openSync, readFileSync } from 'node:fs';
import { devNull } from 'node:os';

import { ResourceError } from './errors.ts';

/** So many are open at most while everything is loaded. */
const FILES = 120;
/** Where less is allowed V8 aborts sooner or later. */
const ADDRESS_SPACE = 2 * 1024 ** 3;

/** @throws ResourceError, or Node's EMFILE */
export function checkLimits(): void {
  const limit = addressSpace();
  if (limit < ADDRESS_SPACE) {
    throw new ResourceError(
      `This process may have ${Math.floor(limit / 1024 ** 2)} MiB of address space (ulimit -v), which is too little for Node: allow it 16 GiB, or set no limit.`,
    );
  }
  const open: number[] = [];
  try {
    while (open.length < FILES) open.push(openSync(devNull, 'r'));
  } finally {
    for (const file of open) closeSync(file);
  }
}

/** In bytes; Infinity where there is no limit, or none that is told. */
function addressSpace(): number {
  let limits = '';
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    // not Linux
  }
  return Number(/^Max address space +(\d+)/m.exec(limits)?.[1] ?? Infinity);
}
