/** What a caller from plain JavaScript may give instead of what the types ask for: looked at once per call. */
import { inspect, types } from 'node:util';
import { FileError, type FileAction } from './errors.ts';

function shown(value: unknown): string {
  const [line = ''] = inspect(value, { depth: 0, breakLength: Infinity }).split('\n');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
}

/** @throws FileError 'path' for what is no text. */
export function checkPath(path: unknown, action: FileAction): void {
  if (typeof path === 'string') return;
  throw new FileError('path', action, shown(path), 'the path must be a text');
}

/** @throws FileError 'argument' saying what must be what. */
export function mustBe(
  [path, action]: readonly [path: string, action: FileAction],
  what: string,
  value: unknown,
  accepted: string,
  fits: boolean,
): void {
  if (fits) return;
  throw new FileError('argument', action, path, `${what} must be ${accepted}, not ${shown(value)}`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** @throws FileError 'path' or 'argument': without a limit, or with NaN for one, anything would be read. */
export function checkLimits(path: string, limits: unknown): void {
  checkPath(path, 'read');
  const most = isObject(limits) ? limits['maximumBytes'] : limits;
  const fits = isObject(limits) && typeof most === 'number' && most >= 0;
  mustBe([path, 'read'], 'the limit maximumBytes', most, 'a number of bytes', fits);
}

/** @throws FileError 'path' or 'argument' */
export function checkWriting(path: string, options: unknown): void {
  checkPath(path, 'written');
  const openFile = isObject(options) ? options['openFile'] : options;
  const fits = isObject(options) && (openFile === undefined || typeof openFile === 'function');
  mustBe([path, 'written'], 'the options', options, 'an object of openFile', fits);
}

/** @throws FileError 'argument' */
export function checkBytes(path: string, action: FileAction, bytes: unknown): void {
  mustBe([path, action], 'the bytes', bytes, 'a Uint8Array', types.isUint8Array(bytes));
}
