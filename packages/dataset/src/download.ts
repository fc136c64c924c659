// One file from the first mirror that delivers it whole. Behaves like Hugging Face's hub client (huggingface_hub,
// pull request 4228): resumes by Range within the process, gives up after five attempts that bring nothing new, takes a
// 200 to a Range request as a fresh start, and leaves nothing behind on failure. Every file must have the published
// SHA-256, so a mirror over plain http can do no harm.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DownloadSettings } from './download-types.ts';
import { DatasetError } from './errors.ts';
import { packedPath } from './folder.ts';
import { isMnistHash } from './manifest.ts';
import type { DataFile } from './manifest.ts';
import { PartialFile } from './partial-file.ts';
import { attempt, Interruption, MirrorFailure } from './request.ts';

const MAX_RETRIES = 5;

/** Failures of a first contact that another attempt a second later would only repeat. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'IDLE',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Downloads `file` as .gz into `folder` and returns the URL that it came from.
 * @throws DatasetError 'download' when every mirror fails; 'permission', 'disk-full' or 'io' for the folder; the
 * signal's reason when it is aborted.
 */
export async function downloadFile(
  file: DataFile,
  folder: string,
  settings: DownloadSettings,
): Promise<string> {
  const name = `${file.name}.gz`;
  const path = packedPath(folder, file);
  const failures: string[] = [];
  for (const mirror of settings.mirrors) {
    const url = new URL(name, mirror.endsWith('/') ? mirror : `${mirror}/`).href;
    const partial = await PartialFile.create(path, settings.openFile);
    try {
      settings.onEvent({ type: 'start', file: name, url, total: file.packedBytes });
      await atPace(partial, settings, (paced) => receive(partial, url, file, paced));
      await partial.commit();
      settings.onEvent({ type: 'done', file: name, url, path, total: file.packedBytes });
      return url;
    } catch (error) {
      if (!(error instanceof MirrorFailure)) throw error;
      failures.push(`${new URL(url).host}: ${error.message}`);
      settings.onEvent({ type: 'mirror-failed', file: name, url, reason: error.message });
    } finally {
      await partial.discard();
    }
  }
  throw new DatasetError(
    'download',
    `No mirror delivered ${name} (${failures.join('; ')}): check the network, or put the four files into a folder and name it by the option dir or by FASHION_MNIST_DIR.`,
  );
}

/**
 * Gives up a mirror that drips. Looked at over all attempts, because one that also breaks off after every drop would begin
 * with new patience each time.
 */
async function atPace(
  partial: PartialFile,
  settings: DownloadSettings,
  work: (settings: DownloadSettings) => Promise<void>,
): Promise<void> {
  const { signal, paceMilliseconds = 60_000, paceBytes = 65_536 } = settings;
  const slow = new AbortController();
  let before = 0;
  const timer = setInterval(() => {
    const bytes = partial.appended - before;
    before = partial.appended;
    if (bytes >= paceBytes) return;
    slow.abort(new MirrorFailure(`brought only ${bytes} bytes in ${paceMilliseconds / 1000} s`));
  }, paceMilliseconds);
  const signals = signal ? [signal, slow.signal] : [slow.signal];
  try {
    await work({ ...settings, signal: AbortSignal.any(signals) });
  } finally {
    clearInterval(timer);
  }
}

/** Attempts until the file is whole and genuine. */
async function receive(
  partial: PartialFile,
  url: string,
  file: DataFile,
  settings: DownloadSettings,
): Promise<void> {
  const { signal, retryMilliseconds = 200 } = settings;
  let failures = 0;
  let furthest = 0;
  while (partial.received < file.packedBytes) {
    signal?.throwIfAborted();
    try {
      await attempt(partial, url, file, settings);
      if (partial.received < file.packedBytes)
        throw new Interruption('the connection closed early');
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      if (furthest === 0 && partial.received === 0 && UNREACHABLE.has(error.code ?? '')) {
        throw new MirrorFailure(error.message);
      }
      // Only bytes beyond all earlier ones count as progress: a server that starts over each time must not go on forever.
      failures = partial.received > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, partial.received);
      if (failures > MAX_RETRIES) {
        throw new MirrorFailure(`${error.message}, also after ${MAX_RETRIES} retries`);
      }
      settings.onEvent({
        type: 'retry',
        file: `${file.name}.gz`,
        url,
        attempt: failures,
        received: partial.received,
        reason: error.message,
      });
      await sleep(
        retryMilliseconds * 2 ** (failures - 1),
        undefined,
        signal ? { signal } : {},
      ).catch(() => signal?.throwIfAborted());
    }
  }
  const sha256 = partial.sha256();
  if (sha256 === file.packedSha256) return;
  throw new MirrorFailure(
    isMnistHash(sha256) ? 'delivered MNIST, not Fashion-MNIST' : `wrong SHA-256 ${sha256}`,
  );
}
