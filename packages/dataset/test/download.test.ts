import { open, readdir, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { downloadFile } from '../src/download.ts';
import type { DownloadEvent, DownloadSettings } from '../src/download-types.ts';
import { loadFrom } from '../src/load.ts';
import {
  emptyWorld,
  fake,
  FAKE_FILES,
  packedFiles,
  put,
  temporaryFolder,
  without,
} from './support/fake.ts';
import { canLoseRights, withoutRights } from './support/rights.ts';
import { breakOff, serve, startMirror } from './support/server.ts';

const file = fake('train-images');
const bytes = file.packed;
const name = 'train-images-idx3-ubyte.gz';

interface Outcome {
  readonly folder: string;
  readonly events: readonly DownloadEvent[];
  readonly url: string | undefined;
  readonly error: unknown;
  /** What lies in the folder afterwards. */
  readonly left: readonly string[];
}

/** Downloads the training images from these mirrors into a fresh folder. */
async function download(
  mirrors: readonly string[],
  settings: Partial<DownloadSettings> = {},
): Promise<Outcome> {
  const folder = await temporaryFolder();
  const events: DownloadEvent[] = [];
  let url: string | undefined;
  let error: unknown;
  try {
    url = await downloadFile(file, folder, {
      mirrors,
      fetch,
      onEvent: (event) => {
        events.push(event);
      },
      retryMilliseconds: 1,
      ...settings,
    });
  } catch (caught) {
    error = caught;
  }
  return { folder, events, url, error, left: await readdir(folder) };
}

function reasons(events: readonly DownloadEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'mirror-failed' ? [event.reason] : []));
}

async function expectWhole({ folder, left, error }: Outcome): Promise<void> {
  expect(error).toBeUndefined();
  expect(left).toEqual([name]);
  expect(Uint8Array.from(await readFile(join(folder, name)))).toEqual(Uint8Array.from(bytes));
}

test('a mirror that works: one request, growing progress, the file under its name only', async () => {
  const mirror = await startMirror((_, from, response) => {
    serve(bytes, from, response);
  });
  const outcome = await download([mirror.url]);
  await expectWhole(outcome);
  expect(outcome.url).toBe(mirror.url + name);
  expect(mirror.requests).toEqual([name]);
  const { events } = outcome;
  expect(events[0]).toEqual({
    type: 'start',
    file: name,
    url: mirror.url + name,
    total: bytes.length,
  });
  expect(events.at(-1)).toMatchObject({ type: 'done', path: join(outcome.folder, name) });
  const received = events.flatMap((event) => (event.type === 'progress' ? [event.received] : []));
  expect(received.at(-1)).toBe(bytes.length);
  expect(received).toEqual(received.toSorted((a, b) => a - b));
});

test('a mirror may be given without the slash at its end', async () => {
  const mirror = await startMirror((_, from, response) => {
    serve(bytes, from, response);
  });
  const outcome = await download([mirror.url.slice(0, -1)]);
  expect(outcome.url).toBe(mirror.url + name);
});

test('a connection that breaks is resumed by Range, as often as it brings something new', async () => {
  const step = Math.ceil(bytes.length / 9);
  const mirror = await startMirror((_, from, response) => {
    if (from + step < bytes.length) breakOff(bytes, from, from + step, response);
    else serve(bytes, from, response);
  });
  const outcome = await download([mirror.url]);
  await expectWhole(outcome);
  const retries = outcome.events.flatMap((event) => (event.type === 'retry' ? [event] : []));
  expect(mirror.requests).toEqual([
    name,
    ...retries.map(({ received }) => (received > 0 ? `${name} bytes=${received}-` : name)),
  ]);
  // More retries than the five allowed in a row: bytes that arrive set the count back.
  expect(retries.length).toBeGreaterThan(5);
  expect(retries.at(-1)?.attempt).toBe(1);
});

test('a 200 to a Range request starts the file over', async () => {
  let first = true;
  const mirror = await startMirror((_, __, response) => {
    if (first) breakOff(bytes, 0, 5000, response);
    else serve(bytes, 0, response);
    first = false;
  });
  await expectWhole(await download([mirror.url]));
  expect(mirror.requests).toEqual([name, `${name} bytes=5000-`]);
});

test('a server that starts over each time and never gets further is given up', async () => {
  const mirror = await startMirror((_, __, response) => {
    breakOff(bytes, 0, 5000, response);
  });
  const { error, left, events } = await download([mirror.url]);
  expect(mirror.requests).toHaveLength(6);
  expect(left).toEqual([]);
  expect(reasons(events)[0]).toMatch(/, also after 5 retries$/);
  expect(error).toMatchObject({ code: 'download' });
});

test('a range other than the one asked for starts the file over', async () => {
  let requests = 0;
  const mirror = await startMirror((_, from, response) => {
    requests++;
    if (requests === 1) breakOff(bytes, 0, 5000, response);
    else if (requests === 2) serve(bytes, from + 1, response);
    else serve(bytes, from, response);
  });
  await expectWhole(await download([mirror.url]));
  expect(mirror.requests).toEqual([name, `${name} bytes=5000-`, name]);
});

test('HTTP 503 is tried again', async () => {
  let busy = 3;
  const mirror = await startMirror((_, from, response) => {
    if (busy-- > 0) response.writeHead(503).end('busy');
    else serve(bytes, from, response);
  });
  await expectWhole(await download([mirror.url]));
  expect(mirror.requests).toHaveLength(4);
});

test('HTTP 503 for good ends after five retries', async () => {
  const mirror = await startMirror((_, __, response) => {
    response.writeHead(503).end();
  });
  const { events } = await download([mirror.url]);
  expect(mirror.requests).toHaveLength(6);
  expect(reasons(events)).toEqual(['HTTP 503, also after 5 retries']);
});

describe('the second mirror is asked at once when the first', () => {
  const html = Buffer.from('<html>log in first</html>');
  const swapped = Uint8Array.from(bytes);
  swapped[bytes.length - 20] = swapped[bytes.length - 20]! ^ 1;

  test.each<[string, Parameters<typeof startMirror>[0], string | RegExp]>([
    ['does not have the file', (_, __, r) => r.writeHead(404).end('no'), 'HTTP 404'],
    [
      'sends a page instead',
      (_, __, r) => {
        serve(html, 0, r);
      },
      `offers 25 bytes instead of ${bytes.length}`,
    ],
    [
      'sends other bytes',
      (_, __, r) => {
        serve(swapped, 0, r);
      },
      /^wrong SHA-256 [0-9a-f]{64}$/,
    ],
    [
      'sends too much without saying so',
      (_, __, r) => r.writeHead(200).end(Buffer.concat([bytes, bytes])),
      `sends more than the expected ${bytes.length} bytes`,
    ],
    [
      'packs the file again',
      (_, __, r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
      'sends the file re-encoded as gzip',
    ],
  ])('%s', async (_, answer, reason) => {
    const bad = await startMirror(answer);
    const good = await startMirror((__, from, response) => {
      serve(bytes, from, response);
    });
    const outcome = await download([bad.url, good.url]);
    await expectWhole(outcome);
    expect(outcome.url).toBe(good.url + name);
    expect(bad.requests).toHaveLength(1);
    expect(reasons(outcome.events)[0]).toMatch(reason);
  });

  test('cannot be reached', async () => {
    const closed = await unusedPort();
    const good = await startMirror((_, from, response) => {
      serve(bytes, from, response);
    });
    const outcome = await download([`http://127.0.0.1:${closed}/`, good.url]);
    await expectWhole(outcome);
    expect(reasons(outcome.events)).toEqual(['ECONNREFUSED']);
  });

  test('never answers', async () => {
    const silent = await startMirror(() => undefined);
    const good = await startMirror((_, from, response) => {
      serve(bytes, from, response);
    });
    const outcome = await download([silent.url, good.url], { idleMilliseconds: 100 });
    await expectWhole(outcome);
    expect(reasons(outcome.events)).toEqual(['nothing came for 0.1 s']);
  });
});

describe('a mirror that drips is given up for the next one', () => {
  const slow = { paceMilliseconds: 300, paceBytes: 1000 };
  test.each(['on and on', 'and breaks off after every drop'])('%s', async (how) => {
    let sent = 0;
    const drip = await startMirror((_, from, response) => {
      if (how !== 'on and on') {
        breakOff(bytes, from, from + 2, response);
        sent += 2;
        return;
      }
      response.writeHead(200, { 'content-length': bytes.length });
      const timer = setInterval(() => {
        if (response.destroyed) clearInterval(timer);
        else response.write(bytes.subarray(sent, ++sent));
      }, 10);
    });
    const good = await startMirror((_, from, response) => {
      serve(bytes, from, response);
    });
    const outcome = await download([drip.url, good.url], slow);
    await expectWhole(outcome);
    expect(outcome.url).toBe(good.url + name);
    expect(reasons(outcome.events)[0]).toMatch(/^brought only \d{1,3} bytes in 0\.3 s$/);
    expect(sent).toBeGreaterThan(2);
  });

  test('but not one that is slow', async () => {
    let sent = 0;
    const mirror = await startMirror((_, __, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      const timer = setInterval(() => {
        if (sent >= bytes.length) {
          clearInterval(timer);
          response.end();
        } else response.write(bytes.subarray(sent, (sent += 1000)));
      }, 60);
    });
    await expectWhole(await download([mirror.url], slow));
    expect(mirror.requests).toEqual([name]);
  });
});

test('a connection that falls silent is dropped and resumed', async () => {
  let first = true;
  const mirror = await startMirror((_, from, response) => {
    if (first) {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 3000));
    } else serve(bytes, from, response);
    first = false;
  });
  await expectWhole(await download([mirror.url], { idleMilliseconds: 150 }));
  expect(mirror.requests).toEqual([name, `${name} bytes=3000-`]);
});

test('no mirror: one sentence with every reason, nothing left behind', async () => {
  const missing = await startMirror((_, __, response) => {
    response.writeHead(404).end();
  });
  const closed = `127.0.0.1:${await unusedPort()}`;
  const { error, left } = await download([missing.url, `http://${closed}/x`]);
  expect(left).toEqual([]);
  expect(error).toMatchObject({
    name: 'DatasetError',
    code: 'download',
    message: `No mirror delivered ${name} (${missing.host}: HTTP 404; ${closed}: ECONNREFUSED): check the network, or put the four files into a folder and name it by the option dir or by FASHION_MNIST_DIR.`,
  });
});

test('an aborted download rejects with the reason and leaves nothing behind', async () => {
  const controller = new AbortController();
  const reason = new Error('Ctrl-C');
  const mirror = await startMirror((_, __, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 3000));
  });
  const outcome = await download([mirror.url], {
    signal: controller.signal,
    onEvent: ({ type }) => {
      if (type === 'progress') controller.abort(reason);
    },
  });
  expect(outcome.error).toBe(reason);
  expect(outcome.left).toEqual([]);
  expect(mirror.requests).toEqual([name]);
});

test('a full disk: one sentence, nothing left behind, no other mirror asked', async () => {
  const mirror = await startMirror((_, from, response) => {
    serve(bytes, from, response);
  });
  const { error, left } = await download([mirror.url, mirror.url], {
    openFile: async (path, flags) => fullDisk(await open(path, flags)),
  });
  expect(error).toMatchObject({ code: 'disk-full' });
  expect(String(error)).toMatch(
    /^DatasetError: The disk is full while writing \S+train-images-idx3-ubyte\.gz: free some space \(the data set needs 31 MB\) or choose another cache folder\.$/,
  );
  expect(left).toEqual([]);
  expect(mirror.requests).toHaveLength(1);
});

describe('loadFashionMnist', () => {
  test('downloads into the cache, reads it, and finds it there the next time', async () => {
    const files = packedFiles();
    const mirror = await startMirror((asked, from, response) => {
      serve(files[asked] ?? new Uint8Array(), from, response);
    });
    const world = await emptyWorld();
    const options = { env: {}, cacheDir: world.cacheDir, mirrors: [mirror.url] };
    const data = await loadFrom(options, world);
    expect(data.source).toBe(`${mirror.url} (kept in ${world.cacheDir})`);
    expect(data.train.labels).toHaveLength(20);
    expect(mirror.requests.toSorted()).toEqual(Object.keys(files).toSorted());
    expect((await readdir(world.cacheDir)).toSorted()).toEqual(Object.keys(files).toSorted());

    expect((await loadFrom(options, world)).source).toBe(world.cacheDir);
    expect(mirror.requests).toHaveLength(4);
  });

  test('fetches only what the cache lacks or has damaged, and replaces the latter', async () => {
    const files = packedFiles();
    const world = await emptyWorld();
    await put(world.cacheDir, { ...without(files, name), 't10k-labels-idx1-ubyte.gz': 'damaged' });
    const mirror = await startMirror((asked, from, response) => {
      serve(files[asked] ?? new Uint8Array(), from, response);
    });
    const data = await loadFrom(
      { env: {}, cacheDir: world.cacheDir, mirrors: [mirror.url] },
      world,
    );
    expect(data.test.labels).toHaveLength(10);
    expect(mirror.requests).toEqual(['t10k-labels-idx1-ubyte.gz', name]);
  });

  test('asks the mirror that delivered first from then on', async () => {
    const files = packedFiles();
    const bad = await startMirror((_, __, response) => {
      response.writeHead(404).end();
    });
    const good = await startMirror((asked, from, response) => {
      serve(files[asked] ?? new Uint8Array(), from, response);
    });
    const world = await emptyWorld();
    await loadFrom({ env: {}, cacheDir: world.cacheDir, mirrors: [bad.url, good.url] }, world);
    expect(bad.requests).toHaveLength(1);
    expect(good.requests).toHaveLength(FAKE_FILES.length);
  });

  test('without network ends in a download error', async () => {
    const world = await emptyWorld();
    const mirrors = [`http://127.0.0.1:${await unusedPort()}/`];
    const load = loadFrom({ env: {}, cacheDir: world.cacheDir, mirrors }, world);
    await expect(load).rejects.toMatchObject({ code: 'download' });
    await expect(load).rejects.toThrow('ECONNREFUSED');
  });

  test('refuses a mirror that is no URL', async () => {
    const world = await emptyWorld();
    await expect(
      loadFrom({ env: {}, cacheDir: world.cacheDir, mirrors: ['example.org'] }, world),
    ).rejects.toThrow('The mirror example.org is not a URL.');
  });

  test.runIf(canLoseRights)('names a cache folder that may not be made', async () => {
    const world = await emptyWorld();
    const refused = await withoutRights(world.root, () =>
      loadFrom({ env: {}, cacheDir: world.cacheDir, mirrors: [] }, world).catch((e: unknown) => e),
    );
    expect(refused).toMatchObject({
      code: 'permission',
      message: `No permission to write ${world.cacheDir}: change its access rights or choose another folder.`,
    });
  });
});

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

/** The same file on a disk that has no space left. */
function fullDisk(handle: FileHandle): FileHandle {
  handle.write = () =>
    Promise.reject(Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' }));
  return handle;
}
