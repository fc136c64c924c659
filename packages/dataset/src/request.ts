// One HTTP request for a file or the rest of it. Sorts what may go wrong into what another attempt may cure and what not.

import { types } from 'node:util';
import { systemCode } from '@fashion-bench/files';
import { isBytes } from './checks.ts';
import type { DownloadSettings } from './download-types.ts';
import { DatasetError } from './errors.ts';
import type { DataFile } from './manifest.ts';
import type { PartialFile } from './partial-file.ts';

/** This mirror is hopeless for this file. */
export class MirrorFailure extends Error {}

/** Something that may go better next time. */
export class Interruption extends Error {
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/** One request, from where the file ends now, as far as it goes. */
export async function attempt(
  partial: PartialFile,
  url: string,
  file: DataFile,
  { fetch: get, onEvent, signal, idleMilliseconds = 15_000 }: DownloadSettings,
): Promise<void> {
  const idle = new AbortController();
  const timer = setTimeout(() => {
    idle.abort();
  }, idleMilliseconds);
  try {
    const response = await get(url, {
      // Without 'identity' a server may pack the packed file again, and fetch would unpack it.
      headers: {
        'accept-encoding': 'identity',
        ...(partial.received > 0 && { range: `bytes=${partial.received}-` }),
      },
      signal: AbortSignal.any(signal ? [signal, idle.signal] : [idle.signal]),
    });
    try {
      await checkResponse(response, partial, file);
      const body: AsyncIterable<unknown> | null = response.body;
      if (body === null) throw new Interruption('the answer is empty');
      for await (const chunk of body) {
        if (!isBytes(chunk)) throw new MirrorFailure('the answer is not made of bytes');
        if (partial.received + chunk.length > file.packedBytes) {
          throw new MirrorFailure(`sends more than the expected ${file.packedBytes} bytes`);
        }
        await partial.append(chunk);
        timer.refresh();
        const { received } = partial;
        onEvent({
          type: 'progress',
          file: `${file.name}.gz`,
          url,
          received,
          total: file.packedBytes,
        });
      }
    } finally {
      if (response.body?.locked === false) await response.body.cancel();
    }
  } catch (error) {
    if (error instanceof DatasetError || error instanceof MirrorFailure) throw error;
    if (error instanceof Interruption) throw error;
    if (idle.signal.aborted) {
      throw new Interruption(`nothing came for ${idleMilliseconds / 1000} s`, 'IDLE');
    }
    // fetch says only 'fetch failed' and keeps the cause to itself.
    const cause = types.isNativeError(error) && error.cause !== undefined ? error.cause : error;
    const code = systemCode(cause);
    throw new Interruption(
      code ?? (types.isNativeError(cause) ? cause.message : String(cause)),
      code,
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Refuses answers that cannot lead to the file, and starts over where the server does. */
async function checkResponse(
  response: Response,
  partial: PartialFile,
  file: DataFile,
): Promise<void> {
  const { status, headers } = response;
  const retryable = status === 408 || status === 429 || status >= 500;
  if (retryable) throw new Interruption(`HTTP ${status}`);
  if (status === 416) {
    await partial.restart();
    throw new Interruption('HTTP 416, starting over');
  }
  if (status !== 200 && status !== 206) throw new MirrorFailure(`HTTP ${status}`);
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') throw new MirrorFailure(`sends the file re-encoded as ${encoding}`);

  let total = headers.get('content-length');
  if (status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    if (Number(range?.[1]) !== partial.received) {
      await partial.restart();
      throw new Interruption('the answer is not the range asked for, starting over');
    }
    total = range?.[2] === '*' ? null : (range?.[2] ?? null);
  } else if (partial.received > 0) {
    await partial.restart();
  }
  if (total !== null && Number(total) !== file.packedBytes) {
    throw new MirrorFailure(`offers ${total} bytes instead of ${file.packedBytes}`);
  }
}
