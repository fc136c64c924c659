import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { parsePeers, type PeersRecord, type Race, type RaceKind } from '@fashion-bench/report';
import { findInstallation } from '@fashion-bench/tensorflow';
import { describe, expect, it } from 'vitest';

import type { RawOptions } from '../src/command-line/settings.ts';
import { agreementOf, agreementWords } from '../src/peers/agreement.ts';
import { CONTESTANTS } from '../src/peers/contestants.ts';
import type { ContestantSpec } from '../src/peers/contestants/contestant.ts';
import { OURS } from '../src/peers/ours.ts';
import { peersRun } from '../src/peers/run.ts';
import { readPeersSettings } from '../src/peers/settings.ts';
import { targetsOf } from '../src/peers/targets.ts';
import { bench, fakeIo, fakeServices, type Outcome, temporaryFolder } from './fakes.ts';

/** A contestant in Node that knows the protocol and does no work; `lap` is what it answers to "go". */
function fake(id: string, race: RaceKind, lap: string, beforeReady = ''): ContestantSpec {
  const script = `
    const say = (message) => console.log(JSON.stringify(message));
    const lines = require('node:readline').createInterface({ input: process.stdin });
    let job;
    lines.on('line', (line) => {
      if (job === undefined) {
        job = JSON.parse(line);
        ${beforeReady}
        say({ type: 'ready', versions: { [${JSON.stringify(id)}]: '1.2' }, details: 'made up', blas: null });
      } else if (line === 'go') { ${lap} }
    });`;
  return {
    ...{ id, name: id.toUpperCase(), race, gpu: true, environment: {}, target: null },
    program: () => ({ file: process.execPath, args: ['-e', script], env: {} }),
  };
}

const installed = findInstallation();

const LAP = `say({ type: 'lap', seconds: { epoch: 2 }, loss: 0.5, accuracy: 0.75, peakMemoryBytes: 1024 });`;
const ours = CONTESTANTS.filter(({ id }) => id === OURS);

interface RaceOutcome extends Outcome {
  readonly record: () => PeersRecord;
}

async function race(
  kind: 'cnn' | 'knn',
  raw: RawOptions,
  contestants: readonly ContestantSpec[],
  io = fakeIo(),
  services = fakeServices(),
): Promise<RaceOutcome> {
  const out = join(temporaryFolder(), 'race');
  const settings = readPeersSettings(kind, { ...raw, out, quiet: true, synthetic: true });
  const request = { settings, command: 'pnpm bench peers', root: out, contestants };
  const code = await peersRun(request, io, services);
  const record = (): PeersRecord => parsePeers(readFileSync(join(out, 'record.json'), 'utf8'));
  return { code, out: io.out(), err: io.err(), record };
}

describe('bench peers', () => {
  it('cnn: our own program and another take turns; every race has its rounds and its sanity figures', async () => {
    const contestants = [...ours, fake('keras', 'cnn', LAP)];
    const { code, out, record } = await race('cnn', { pairs: '2', batchSize: '16' }, contestants);
    expect(code).toBe(0);
    const [only] = record().races;
    expect(only?.contestants.map(({ id, laps }) => [id, laps.length])).toEqual([
      ['fashion-bench', 2],
      ['keras', 2],
    ]);
    const [mine, other] = only?.contestants ?? [];
    expect(other?.laps[1]).toEqual({ seconds: { epoch: 2 }, loss: 0.5, accuracy: 0.75 });
    // Two epochs of one training: the second begins where the first ended.
    expect(mine?.laps[1]?.loss).toBeLessThan(mine?.laps[0]?.loss ?? 0);
    expect(record().run.status).toBe('completed');
    expect(out).toContain('CNN, batch 16 (n = 2 rounds)');
    expect(out).toContain('SYNTHETIC');
  });

  it.skipIf(installed.state !== 'complete')(
    `cnn: plain tfjs-node takes part (${installed.state})`,
    async () => {
      const contestants = CONTESTANTS.filter(({ id }) => id === OURS || id === 'tfjs-node');
      const raw = { pairs: '1', batchSize: '16', peers: 'tfjs-node' };
      const { code, record } = await race('cnn', raw, contestants);
      expect(code).toBe(0);
      const plain = record().races[0]?.contestants[1];
      expect(plain?.id).toBe('tfjs-node');
      // Ten classes: a first loss lies about log 10.
      expect(Math.abs((plain?.laps[0]?.loss ?? NaN) - Math.log(10))).toBeLessThan(1);
    },
  );

  it('knn: both clocks, and a comparison of what was found', async () => {
    // It leaves the rows of its own answer: row 0 for everyone.
    const found = `
      require('node:fs').writeFileSync(job.folder + '/faiss-indices', new Uint8Array(4 * 20 * job.k));
      say({ type: 'lap', seconds: { search: 1, 'fit + search': 2 }, loss: null, accuracy: null, peakMemoryBytes: 1 });`;
    const contestants = [...ours, fake('faiss', 'knn', found)];
    const { code, record } = await race('knn', { pairs: '1', k: '3', peers: 'faiss' }, contestants);
    expect(code).toBe(0);
    const [mine, other] = record().races[0]?.contestants ?? [];
    expect(Object.keys(mine?.laps[0]?.seconds ?? {})).toEqual(['search', 'fit + search']);
    expect(mine?.agreement).toBeNull();
    expect(other?.agreement).toMatch(/^of 60 neighbours \d+ equal to ours/);
  });

  it('a program gets the variables of its description, and the record shows them', async () => {
    const lap = `say({ type: 'lap', seconds: { epoch: 2 }, loss: Number(process.env.KEPT), accuracy: null, peakMemoryBytes: 1 });`;
    const contestants = [
      fake(OURS, 'cnn', LAP),
      { ...fake('torch', 'cnn', lap), environment: { KEPT: '7' } },
    ];
    const { record } = await race('cnn', { pairs: '1', batchSize: '8' }, contestants);
    const other = record().races[0]?.contestants[1];
    expect(other?.laps[0]?.loss).toBe(7);
    expect(other?.details).toBe('made up, KEPT=7');
  });

  it('every folder of a contestant has a row in the table, and its program', () => {
    const peers = join(import.meta.dirname, '..', 'src', 'peers');
    const folders = readdirSync(join(peers, 'contestants'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const root = join(import.meta.dirname, '..', '..', '..');
    const programs = CONTESTANTS.map(({ program }) =>
      program({ python: 'python3', root, env: {} }).args.find((path) => path.startsWith(peers)),
    );
    expect(programs.map((path) => basename(dirname(path ?? ''))).sort()).toEqual(folders.sort());
    expect(programs.filter((path) => !existsSync(path ?? ''))).toEqual([]);
  });

  it('whoever cannot start is named with the reason, and the others race without them', async () => {
    const gone: ContestantSpec = {
      ...fake('sklearn', 'cnn', ''),
      program: () => ({ file: 'no-such-python', args: [], env: {} }),
    };
    const lacking = fake(
      'torch',
      'cnn',
      '',
      `say({ type: 'missing', reason: "No module named 'torch'" }); return;`,
    );
    const broken = fake(
      'faiss',
      'cnn',
      '',
      `console.error('first'); console.error('no luck'); process.exit(7);`,
    );
    const contestants = [fake(OURS, 'cnn', LAP), lacking, gone, broken, fake('keras', 'cnn', LAP)];
    // What `--peers` takes is the business of other races; here everyone may start.
    const out = join(temporaryFolder(), 'race');
    const settings = {
      ...readPeersSettings('cnn', {
        out,
        quiet: true,
        synthetic: true,
        pairs: '1',
        batchSize: '8',
      }),
      peers: ['torch', 'sklearn', 'faiss', 'keras'],
    };
    await peersRun({ settings, command: 'x', root: out, contestants }, fakeIo(), fakeServices());
    const [only] = parsePeers(readFileSync(join(out, 'record.json'), 'utf8')).races;
    expect(only?.contestants.map(({ id }) => id)).toEqual([OURS, 'keras']);
    expect(only?.absent.map(({ reason }) => reason)).toEqual([
      "No module named 'torch'",
      'there is no no-such-python',
      'it ended with status 7: no luck',
    ]);
  });

  it('nobody to race with: one sentence that says what to do, and nothing is left behind', async () => {
    const alone = race('cnn', { pairs: '1', batchSize: '8' }, [fake(OURS, 'cnn', LAP)]);
    await expect(alone).rejects.toThrow(
      'There is nobody to race with. Install a library as docs/races.md says',
    );
  });

  it('on a GPU: several batch sizes, who cannot use it is named, and our own laps are kept', async () => {
    const gpu = {
      ...{ id: 'onnx-webgpu' as const, library: 'onnxruntime-node', version: '1.30.0' },
      ...{ device: 'Made-up GPU 3000', driver: 'made up 1.2', gpu: true, caveats: [] },
    };
    const services = fakeServices({
      resolveEngine: () => Promise.resolve(gpu),
      listEngines: () => Promise.resolve([{ state: 'available', engine: gpu }]),
    });
    const answer = `if (job.gpu) { say({ type: 'missing', reason: 'no CUDA device' }); return; }`;
    const contestants = [
      fake(OURS, 'cnn', LAP),
      fake('torch', 'cnn', LAP, answer),
      { ...fake('keras', 'cnn', LAP), gpu: false },
    ];
    const raw = { pairs: '2', batchSize: '16,8' };
    const { code, out, record } = await race('cnn', raw, contestants, fakeIo(), services);
    expect(code).toBe(0);
    const { races, machine } = record();
    expect(races.map(({ name, contestants }) => [name, contestants[0]?.laps.length])).toEqual([
      ['batch 16', 2],
      ['batch 8', 2],
    ]);
    expect(races[0]?.settings['device']).toBe('gpu');
    expect(races[0]?.absent.map(({ reason }) => reason)).toEqual([
      'no CUDA device',
      'it races on the processor only',
    ]);
    expect(machine.gpu).toMatchObject({ name: 'Made-up GPU 3000', driver: 'made up 1.2' });
    expect(out).toContain('TORCH did not take part: no CUDA device');
  });

  it('a program that breaks off in the middle ends the race with its name', async () => {
    const contestants = [fake(OURS, 'cnn', LAP), fake('keras', 'cnn', 'process.exit(3)')];
    await expect(race('cnn', { pairs: '2', batchSize: '8' }, contestants)).rejects.toThrow(
      'KERAS broke off: it ended with status 3.',
    );
  });

  it('a signal keeps the whole rounds; before the first one nothing', async () => {
    const io = fakeIo();
    const slow = `if (++laps < 4) { ${LAP} } else { setInterval(() => {}, 1000); }`;
    const contestants = [
      fake(OURS, 'cnn', LAP),
      fake('keras', 'cnn', slow, 'globalThis.laps = 0;'),
    ];
    const running = race('cnn', { pairs: '9', batchSize: '8' }, contestants, io);
    const waiting = setInterval(() => {
      io.stop('SIGINT');
    }, 3000);
    const { code, record } = await running;
    clearInterval(waiting);
    expect(code).toBe(130);
    expect(record().run.status).toBe('interrupted');
    expect(record().races[0]?.contestants.map(({ laps }) => laps.length)).toEqual([3, 3]);
  });

  it.each([
    [['peers'], "'peers' takes one of the words cnn, knn or readme."],
    [['peers', 'svm'], "'peers' takes one of the words cnn, knn or readme, not 'svm'."],
    [
      ['peers', 'cnn', '--batch-size', '32,x'],
      "--batch-size must be a whole number of at least 1, not 'x'.",
    ],
    [['peers', 'cnn', '--pairs', '0'], "--pairs must be a whole number of at least 1, not '0'."],
    [
      ['peers', 'cnn', '--peers', 'keras,faiss'],
      "--peers must be some of keras, torch, tfjs-node with commas between, not 'faiss'.",
    ],
    [['peers', 'knn', '--python', ''], "--python must be the path of a Python, not ''."],
  ])('wrong usage: %j', async (argv, sentence) => {
    expect(await bench(argv, fakeServices())).toEqual({ code: 2, out: '', err: `${sentence}\n` });
  });
});

describe('agreement of neighbours', () => {
  // Rows 0 and 1 are equal; the query lies at squared distances 1, 1, 4, 16.
  const rows = {
    ...{ columns: 1, k: 2 },
    train: Uint8Array.of(11, 11, 8, 14),
    queries: Uint8Array.of(10),
  };

  it('tells ties from mistakes', () => {
    const found = agreementOf(Int32Array.of(0, 1), Int32Array.of(1, 2), rows);
    expect(found).toEqual({ positions: 2, equal: 0, tied: 1, different: 1, largestError: 3 });
    expect(agreementWords(found)).toContain(
      '1 at another (at most 3.0e+0 of the squared distance)',
    );
  });

  it('the same rows', () => {
    const same = Int32Array.of(0, 1);
    expect(agreementOf(same, same, rows)).toMatchObject({ equal: 2, tied: 0, different: 0 });
  });
});

it('targets compare medians by the first clock', () => {
  const laps = (
    ...times: number[]
  ): { seconds: { search: number }; loss: null; accuracy: null }[] =>
    times.map((search) => ({ seconds: { search }, loss: null, accuracy: null }));
  const one = {
    versions: {},
    details: 'x',
    blas: null,
    threads: 2,
    peakMemoryBytes: null,
    agreement: null,
  };
  const search: Race = {
    ...{
      kind: 'knn',
      name: 'k = 5',
      work: 'w',
      warmup: 'w',
      settings: {},
      ours: OURS,
      absent: [],
    },
    clocks: ['search'],
    contestants: [
      { ...one, id: OURS, name: OURS, laps: laps(1, 2, 9) },
      { ...one, id: 'faiss', name: 'FAISS', laps: laps(7, 8, 9) },
      { ...one, id: 'sklearn', name: 'scikit-learn', laps: laps(20, 20, 20) },
    ],
  };
  const found = targetsOf([search], CONTESTANTS);
  expect(found.map(({ measured, ok }) => [measured, ok])).toEqual([
    [0.25, true],
    [0.1, false],
  ]);
  // PyTorch is a target on a GPU only.
  const beside = (device: string): Race => ({
    ...{ ...search, kind: 'cnn', settings: { device } },
    contestants: [
      { ...one, id: OURS, name: OURS, laps: laps(3) },
      { ...one, id: 'torch', name: 'PyTorch', laps: laps(4) },
    ],
  });
  expect(targetsOf([beside('gpu')], CONTESTANTS)).toMatchObject([{ measured: 0.75, ok: true }]);
  expect(targetsOf([beside('cpu'), beside('software driver')], CONTESTANTS)).toEqual([]);
});
