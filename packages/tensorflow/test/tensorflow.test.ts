/** What is told of an installation, of a GPU's absence and of settings; and TensorFlow itself, where a binding is there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { findBindingFolder } from '../src/binding-folder.ts';
import { gpuOf, noGpuCause } from '../src/gpu-log.ts';
import {
  attribute as a,
  BINDING_VARIABLE,
  CACHE_PATH,
  findInstallation,
  loadTensorflow,
  probeDevice,
  TensorflowError,
} from '../src/index.ts';
import { settingsOf } from '../src/load.ts';
import { supplyRemovedFunctions } from '../src/tfjs-node.ts';

describe('a built binding', () => {
  test('is found by the variable, and by the project around a folder', () => {
    expect(findBindingFolder({ [BINDING_VARIABLE]: '/somewhere' })).toBe('/somewhere');
    expect(findBindingFolder({}, ['/'])).toBeNull();
  });

  test('that is damaged or whose library is gone is not complete', () => {
    const root = mkdtempSync(join(tmpdir(), 'tensorflow-binding-'));
    const state = (): unknown => findInstallation({ binding: root, package: null });
    try {
      expect(state()).toMatchObject({
        state: 'no-addon',
        detail: expect.stringMatching(/holds no built binding/) as unknown,
      });
      writeFileSync(join(root, 'binding.json'), '{}');
      expect(state()).toMatchObject({
        state: 'no-addon',
        detail: expect.stringMatching(/damaged or of another version/) as unknown,
      });
      const libraries = [join(root, 'libtensorflow_cc.so.2')];
      writeFileSync(
        join(root, 'binding.json'),
        JSON.stringify({ schema: 1, version: '4.22.0', tensorflow: '2.21.0', libraries }),
      );
      expect(state()).toMatchObject({
        state: 'no-addon',
        detail: expect.stringMatching(/is gone/) as unknown,
      });
      writeFileSync(join(root, 'tfjs_binding.node'), '');
      expect(state()).toMatchObject({
        state: 'no-library',
        detail: expect.stringMatching(/cc\.so\.2, which is gone/) as unknown,
      });
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  test('lies in the cache of the project', () => {
    expect(CACHE_PATH).toBe(join('node_modules', '.cache', 'fashion-bench', 'tensorflow'));
  });
});

describe('why there is no GPU', () => {
  test.each<[string, string, Record<string, string>, RegExp]>([
    ['hidden', '', { CUDA_VISIBLE_DEVICES: '-1' }, /CUDA_VISIBLE_DEVICES='-1' hides every GPU/],
    [
      'no driver',
      'Could not find cuda drivers on your machine',
      {},
      /libcuda\.so\.1 was not found/,
    ],
    [
      'the driver refuses',
      'failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected',
      {},
      /reports CUDA_ERROR_NO_DEVICE/,
    ],
    [
      'TensorFlow 2.9 without CUDA 11',
      "Could not load dynamic library 'libcudart.so.11.0'; dlerror: no\nCould not load dynamic library 'libcudnn.so.8';",
      {},
      /wants CUDA 11\.2 and cuDNN 8\.1 \(not found: libcudart\.so\.11\.0, libcudnn\.so\.8\)/,
    ],
    ['a newer one without CUDA', 'Cannot dlopen some GPU libraries.', {}, /and-cuda/],
    ['a build for the CPU', '', { CUDA_VISIBLE_DEVICES: '0' }, /built for the CPU/],
  ])('%s', (_, log, env, words) => {
    expect(noGpuCause(log, env)).toMatch(words);
  });

  test('the GPU in use is the last one created', () => {
    const line = (n: number, name: string): string =>
      `Created device /job:localhost/replica:0/task:0/device:GPU:${n} with 1 MB memory:  -> device: ${n}, name: ${name}, pci bus id: 0000:0${n}:00.0, compute capability: 9.0\n`;
    expect(gpuOf(line(0, 'NVIDIA A') + line(1, 'NVIDIA H100 80GB HBM3'))).toEqual({
      name: 'NVIDIA H100 80GB HBM3',
      computeCapability: 9,
    });
    expect(gpuOf('nothing')).toEqual({ name: 'NVIDIA GPU', computeCapability: null });
  });
});

test('settings: options become variables, and what the user has set stays', () => {
  expect(settingsOf({ threads: 3, tf32: false }, {})).toEqual({
    TF_CPP_MIN_LOG_LEVEL: '2',
    CUDA_VISIBLE_DEVICES: '-1',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    TF_NUM_INTRAOP_THREADS: '3',
    NVIDIA_TF32_OVERRIDE: '0',
  });
  const user = { TF_CPP_MIN_LOG_LEVEL: '0', TF_FORCE_GPU_ALLOW_GROWTH: 'false' };
  expect(settingsOf({ device: 'gpu' }, user)).toEqual({});
});

test('functions that Node 23 removed are supplied, and those that are there are left alone', () => {
  const bare: Record<string, (value: unknown) => unknown> = {};
  supplyRemovedFunctions(bare);
  const call = (name: string, value: unknown): unknown => bare[name]?.(value);
  expect([null, undefined, 0, ''].map((value) => call('isNullOrUndefined', value))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(call('isArray', [])).toBe(true);
  const isArray = bare['isArray'];
  supplyRemovedFunctions(bare);
  expect(bare['isArray']).toBe(isArray);
});

describe('the child that tries the addon', () => {
  const answer =
    (stdout: string, stderr = '', failure: string | null = null) =>
    () =>
      Promise.resolve({ stdout, stderr, failure });

  test('a wrong product, no answer, or a crash is no success', async () => {
    const wrong = 'tensorflow-probe:{"tensorflow":"2.9.1","gpu":true,"product":[1,2,3,4]}';
    expect(await probeDevice('/a', {}, answer(wrong))).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/came out as 1, 2, 3, 4/) as unknown,
    });
    expect(await probeDevice('/a', {}, answer('noise'))).toMatchObject({ state: 'failed' });
    expect(await probeDevice('/a', {}, answer('', '', 'ended by SIGSEGV'))).toEqual({
      state: 'failed',
      message: 'ended by SIGSEGV',
    });
    expect(await probeDevice('/no/such/addon.node', process.env)).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/Cannot find module/) as unknown,
    });
  });
});

const installed = findInstallation();

describe.skipIf(installed.state !== 'complete')(
  `TensorFlow (${installed.state === 'complete' ? 'found' : `skipped: the binding is ${installed.state}`})`,
  () => {
    const T = a.type('float32');

    test('computes, frees by scope, and keeps what is to be kept', () => {
      const tf = loadTensorflow({ threads: 2 });
      const add = tf.operation('AddV2', { T });
      const before = tf.tensorCount;
      const sum = tf.scope(
        () => add(tf.tensor(Float32Array.of(1, 2), [2]), tf.tensor(Float32Array.of(3, 4), [2])),
        (id) => [id],
      );
      expect(tf.tensorCount).toBe(before + 1);
      expect(tf.readFloats(sum)).toEqual(Float32Array.of(4, 6));
      tf.free(sum);
      expect(tf.tensorCount).toBe(before);
    });

    test("an operation that fails says what TensorFlow says, and the scope's tensors are freed", () => {
      const tf = loadTensorflow({ threads: 2 });
      const before = tf.tensorCount;
      const add = tf.operation('AddV2', { T });
      const failing = (): unknown =>
        tf.scope(() =>
          add(tf.tensor(Float32Array.of(1, 2), [2]), tf.tensor(Float32Array.of(1, 2, 3), [3])),
        );
      expect(failing).toThrow(/^TensorFlow: AddV2: .*[Ii]ncompatible shapes/);
      expect(tf.tensorCount).toBe(before);
    });

    test('other threads or another device in the same process are refused', () => {
      loadTensorflow({ threads: 2 });
      expect(() => loadTensorflow({ threads: 3 })).toThrow(/already runs with 2 threads/);
      expect(() => loadTensorflow({ device: 'gpu' })).toThrow(/already runs on the CPU/);
      expect(() => loadTensorflow({ threads: 0 })).toThrow(TensorflowError);
    });
  },
);
