// A mirror on 127.0.0.1 that does what a test tells it to.

import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';

export interface Mirror {
  /** Base URL. */
  readonly url: string;
  readonly host: string;
  /** Path and Range header of each request so far, such as 'a.gz' or 'a.gz bytes=10-'. */
  readonly requests: readonly string[];
}

/** `answer` gets the position in the file from which bytes are asked for, 0 without a Range header. */
export async function startMirror(
  answer: (name: string, from: number, response: ServerResponse, request: IncomingMessage) => void,
): Promise<Mirror> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? '').split('/').at(-1) ?? '';
    const { range } = request.headers;
    requests.push(range === undefined ? name : `${name} ${range}`);
    answer(name, Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0), response, request);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  const host = `127.0.0.1:${address.port}`;
  return { url: `http://${host}/data/`, host, requests };
}

/** Answers properly: the whole file, or the rest of it as 206. */
export function serve(bytes: Uint8Array, from: number, response: ServerResponse): void {
  if (from > 0) {
    response.writeHead(206, {
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    });
  } else {
    response.writeHead(200, { 'content-length': bytes.length });
  }
  response.end(bytes.subarray(from));
}

/** Promises the rest of the file, sends the bytes up to `to` and hangs up. */
export function breakOff(
  bytes: Uint8Array,
  from: number,
  to: number,
  response: ServerResponse,
): void {
  if (from > 0) {
    response.writeHead(206, {
      'content-length': bytes.length - from,
      'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}`,
    });
  } else {
    response.writeHead(200, { 'content-length': bytes.length });
  }
  // The pause lets the client read what was sent before it learns of the end.
  response.write(bytes.subarray(from, to), () => setTimeout(() => response.destroy(), 40));
}
