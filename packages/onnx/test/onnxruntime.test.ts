/** onnxruntime-node as it is loaded here: without its telemetry, in the main thread and in others. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withoutTelemetry } from '../src/index.ts';

const NAME = 'ORT_DISABLE_TELEMETRY';

describe('withoutTelemetry', () => {
  it.each([undefined, '', '1', 'true', '2', 'disabled'])(
    'turns it off where %j is set',
    (value) => {
      expect(withoutTelemetry({ A: 'b', [NAME]: value })).toEqual({ A: 'b', [NAME]: '1' });
    },
  );

  it.each(['0', 'false', 'No', 'OFF'])('leaves it to a user who set %j', (value) => {
    expect(withoutTelemetry({ [NAME]: value })).toEqual({ [NAME]: value });
  });
});

describe('a process of its own', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'onnxruntime-test-'));
  });
  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  const onnx = JSON.stringify(new URL('../src/index.ts', import.meta.url).href);
  const sum = `import(${onnx}).then(async ({ GraphBuilder, OnnxSession }) => {
    const g = new GraphBuilder('sum');
    const x = g.input('x', 'float32', [2]);
    g.output('y', g.op('Add', [x, x]));
    const session = await OnnxSession.create(g.build(), { threads: 1 });
    const { y } = await session.run({ x: { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) } });
    console.log(y.data.join());
  })`;
  const fromSources = `import('tsx/esm/api').then(({ register }) => register())`;
  /** A thread with its own copy of the environment, which is what Node gives it by default. */
  const thread = `const { Worker } = await import('node:worker_threads');
    const worker = new Worker(${JSON.stringify(`${fromSources}.then(() => ${sum})`)}, { eval: true });
    worker.on('exit', () => console.log('thread over'));`;

  /** Runs it with nothing in the environment that would keep the telemetry off (`CI` does). */
  async function run(code: string, env: Record<string, string> = {}): Promise<string> {
    const args = ['--import', 'tsx', '--input-type=module', '-e', code];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: {
        ...{ PATH: process.env['PATH'], TSX_DISABLE_CACHE: '1' },
        ...{ HOME: home, XDG_CACHE_HOME: home, TMPDIR: home, ...env },
      },
    });
    return stdout;
  }

  it('leaves nothing behind: no device id, no store of events, no log', async () => {
    expect(await run(`await ${sum}; console.log(process.env.${NAME});`)).toBe('2,4\n1\n');
    expect(readdirSync(home)).toEqual([]);
  });

  it.each([
    ['while the main thread is idle', ''],
    ['while the main thread computes', 'const end = Date.now() + 1500; while (Date.now() < end);'],
  ])('nor when the library is loaded in a worker thread, %s', async (_how, meanwhile) => {
    expect(await run(`${thread}${meanwhile}`)).toBe('2,4\nthread over\n');
    expect(readdirSync(home)).toEqual([]);
  });

  // Loaded, but not run: this test sends nothing either.
  it('lets a user have the telemetry who asks for it', async () => {
    const code = `const { loadOnnxruntime } = await import(${onnx}); await loadOnnxruntime();`;
    expect(await run(`${code} console.log(process.env.${NAME});`, { [NAME]: '0' })).toBe('0\n');
  });
});
