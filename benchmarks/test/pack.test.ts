/** The packing of a small program that is laid out as pnpm lays out this one, and the script that starts it. */

import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { pack } from '../src/gpu/pack.ts';

const RUN = join(import.meta.dirname, '..', 'gpu', 'run.sh');

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pack-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const here = `${process.platform}/${process.arch}`;
const ORT = 'node_modules/.pnpm/onnxruntime-node@1/node_modules/onnxruntime-node';

/** An app that loads a package of the workspace, which loads an external one with a file for each system. */
function repository(): string {
  const root = temporaryFolder();
  write(root, {
    'app/package.json': '{"name":"app","type":"module"}',
    'app/main.js': "import { words } from '@here/words'; console.log(words);",
    'app/unused.js': '',
    'packages/words/package.json': '{"name":"@here/words","type":"module","exports":"./words.js"}',
    'packages/words/words.js':
      "import native from 'onnxruntime-node'; export const words = native;",
    [`${ORT}/package.json`]: '{"name":"onnxruntime-node","main":"index.js"}',
    [`${ORT}/LICENSE`]: 'MIT',
    [`${ORT}/index.js`]:
      "const { join } = require('path'); const { platform, arch } = process; module.exports = JSON.parse(require('fs').readFileSync(join(__dirname, 'bin/napi-v6', platform, arch, 'words.json'))).words;",
    [`${ORT}/bin/napi-v6/${here}/words.json`]: '{"words":"packed"}',
    [`${ORT}/bin/napi-v6/other/${process.arch}/words.json`]: '{"words":"foreign"}',
    'data.gz': 'data',
  });
  for (const [link, target] of [
    ['app/node_modules/@here/words', '../../../packages/words'],
    ['packages/words/node_modules/onnxruntime-node', `../../../${ORT}`],
  ] as const) {
    mkdirSync(dirname(join(root, link)), { recursive: true });
    symlinkSync(target, join(root, link));
  }
  return root;
}

const request = (root: string, out: string) => ({
  ...{ root, out, programs: ['app/main.js'] },
  extras: { 'data/data.gz': join(root, 'data.gz') },
  texts: { 'commit.json': '{"commit":null,"dirty":null}' },
});

describe('pack', () => {
  it('takes what the program loads and nothing else, and it runs elsewhere', async () => {
    const root = repository();
    const out = join(temporaryFolder(), 'packed');
    const { files } = await pack(request(root, out));
    rmSync(root, { recursive: true });
    const said = execFileSync(process.execPath, ['app/main.js'], { cwd: out, env: {} });
    expect(said.toString().trim()).toBe('packed');
    expect(lstatSync(join(out, 'app/node_modules/@here/words')).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(out, ORT, 'LICENSE'), 'utf8')).toBe('MIT');
    expect(readFileSync(join(out, 'data/data.gz'), 'utf8')).toBe('data');
    for (const path of ['app/unused.js', `${ORT}/bin/napi-v6/other`]) {
      expect(existsSync(join(out, path)), path).toBe(false);
    }
    // main, words, index, words.json, three package.json, LICENSE, data.gz.
    expect(files).toBe(9);
  });

  it('refuses a folder that exists, and a program that is not built', async () => {
    const root = repository();
    await expect(pack(request(root, root))).rejects.toThrow('exists already');
    const link = join(root, 'link');
    symlinkSync('nowhere', link);
    await expect(pack(request(root, link))).rejects.toThrow('exists already');
    const out = join(root, 'packed');
    const unbuilt = { ...request(root, out), programs: ['app/dist/main.js'] };
    await expect(pack(unbuilt)).rejects.toThrow('run pnpm build before');
    await expect(
      pack({ ...request(root, out), extras: { x: join(root, 'no-such-file') } }),
    ).rejects.toThrow('no-such-file');
    expect(existsSync(out)).toBe(false);
  });
});

describe('run.sh', () => {
  it('starts the packed Node with the race, in an empty environment, and hands on how it ended', () => {
    const folder = temporaryFolder();
    write(folder, {
      'run.sh': readFileSync(RUN, 'utf8'),
      'node/bin/node': '#!/bin/bash\nprintf "%s\\n" "$PWD" "$FASHION_MNIST_DIR" "$@"\nexit 7\n',
    });
    chmodSync(join(folder, 'node/bin/node'), 0o755);
    const ended = spawnSync('/bin/bash', [join(folder, 'run.sh'), '--pairs', '2'], {
      env: {},
      cwd: '/',
    });
    expect(ended.stderr.toString()).toBe('');
    expect(ended.status).toBe(7);
    const [at, data, program, ...words] = ended.stdout.toString().trim().split('\n');
    expect([at, data]).toEqual([folder, join(folder, 'data')]);
    expect(program).toBe('apps/bench/dist/main.js');
    expect(words.join(' ')).toMatch(
      /^peers cnn --engine onnx-webgpu --batch-size 32,128,512 --peers torch --python python3 --out results\/\d{8}-\d{6} --pairs 2$/,
    );
  });
});
