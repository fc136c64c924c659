/** Building the binding: every check refuses in one sentence and leaves nothing behind. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { checkRuntime } from '../src/build/build-binding.ts';
import { compileArguments, findCompiler } from '../src/build/compiler.ts';
import { findLibrary } from '../src/build/library.ts';
import { buildBinding, TensorflowError } from '../src/index.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tensorflow-build-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function touch(...paths: string[]): void {
  for (const path of paths) {
    const whole = join(root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, '');
  }
}

const HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/core/platform/ctstring_internal.h',
];

/** A Python package as far as its file names go. */
function wheel(at = ''): void {
  touch(
    join(at, 'libtensorflow_cc.so.2'),
    join(at, 'libtensorflow_framework.so.2'),
    ...HEADERS.map((header) => join(at, 'include', header)),
  );
}

describe('findLibrary', () => {
  test('an installed Python package, from its folder, site-packages or virtual environment', () => {
    const folder = 'lib/python3.12/site-packages/tensorflow';
    wheel(folder);
    for (const from of [folder, dirname(folder), '']) {
      const library = findLibrary(join(root, from));
      expect(library.kind).toBe('python package');
      expect(library.folder).toBe(join(root, folder));
      expect(library.libraries).toEqual([
        join(root, folder, 'libtensorflow_cc.so.2'),
        join(root, folder, 'libtensorflow_framework.so.2'),
      ]);
    }
  });

  test('an unpacked archive', () => {
    touch('lib/libtensorflow.so.2', 'lib/libtensorflow_framework.so.2');
    touch(...HEADERS.map((header) => join('include', header)));
    const library = findLibrary(root);
    expect(library).toMatchObject({ kind: 'archive', folder: join(root, 'lib') });
    expect(library.include).toBe(join(root, 'include'));
  });

  test.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /holds no TensorFlow library: give the folder of/],
    ['an old wheel', ['python/_pywrap_tensorflow_internal.so'], /older than TensorFlow 2\.12/],
    ['half a wheel', ['libtensorflow_cc.so.2'], /no libtensorflow_framework/],
    [
      'no headers',
      ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
      /headers are missing in .*tensorflow\/c\/c_api\.h/,
    ],
  ])('%s is refused', (_, files, words) => {
    touch(...files);
    expect(() => findLibrary(root)).toThrow(TensorflowError);
    expect(() => findLibrary(root)).toThrow(words);
  });

  test('a folder that is not there is refused', () => {
    expect(() => findLibrary(join(root, 'absent'))).toThrow(/does not exist/);
  });
});

describe('the machine', () => {
  test('Windows and an old Node are refused with what to use', () => {
    expect(() => {
      checkRuntime('win32');
    }).toThrow(/WSL 2/);
    expect(() => {
      checkRuntime('linux', 7);
    }).toThrow(/Node-API 7, but the binding needs 8/);
  });

  test('a compiler that is not there is named', async () => {
    await expect(findCompiler({ CXX: 'no-such-compiler', PATH: '' })).rejects.toThrow(
      /No C\+\+ compiler was found \(tried no-such-compiler\)/,
    );
  });

  test('the run path is the folder of the libraries', () => {
    wheel();
    const library = findLibrary(root);
    const words = compileArguments({ sources: '/s', library, output: '/o' }, 'darwin');
    expect(words).toContain(`-Wl,-rpath,${root}`);
    expect(words.slice(-2)).toEqual(['-undefined', 'dynamic_lookup']);
  });
});

test('a build that fails leaves the binding of before, and no other file', async () => {
  wheel('tensorflow');
  touch('into/binding.json', 'into/tfjs_binding.node');
  // The headers are empty, so the compiler refuses the sources.
  const stages: string[] = [];
  const building = buildBinding({
    from: join(root, 'tensorflow'),
    into: join(root, 'into'),
    onStage: (stage) => stages.push(stage),
  });
  await expect(building).rejects.toThrow(/^The compiler \S+ failed: .*error/);
  expect(stages.length).toBe(2);
  expect(readdirSync(root).sort()).toEqual(['into', 'tensorflow']);
  expect(existsSync(join(root, 'into', 'tfjs_binding.node'))).toBe(true);
});

test.each([
  ['a folder of somebody else', ['into/thesis.tex'], 'holds thesis\\.tex'],
  ['a binding with a file beside it', ['into/binding.json', 'into/notes.txt'], 'holds notes\\.txt'],
  ['a folder of that name', ['into/binding.json/notes.txt'], 'holds binding\\.json'],
  ['a file', ['into'], 'is no folder'],
])('%s is not replaced', async (_, files, why) => {
  wheel('tensorflow');
  touch(...files);
  const into = join(root, 'into');
  await expect(buildBinding({ from: join(root, 'tensorflow'), into })).rejects.toThrow(
    new RegExp(`into ${why}, so it is left as it is: .* with --into\\.$`),
  );
  for (const file of files) expect(existsSync(join(root, file))).toBe(true);
});

test('a link is not replaced', async () => {
  wheel('tensorflow');
  touch('elsewhere/binding.json');
  symlinkSync(join(root, 'elsewhere'), join(root, 'into'));
  const building = buildBinding({ from: join(root, 'tensorflow'), into: join(root, 'into') });
  await expect(building).rejects.toThrow(/into is no folder/);
  expect(readdirSync(join(root, 'elsewhere'))).toEqual(['binding.json']);
});

test('a build without the sources says where they come from', async () => {
  wheel();
  await expect(
    buildBinding({ from: root, into: join(root, 'into'), package: null }),
  ).rejects.toThrow(/come with @tensorflow\/tfjs-node-gpu/);
});
