/** The three states of an installation (absent; present without addon or library; working), and what is said about each. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { findInstallation, type Installation } from '@fashion-bench/tensorflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  type EngineId,
  EngineUnavailableError,
  listEngines,
  resolveEngine,
  type TensorflowProbe,
} from '../src/index.ts';
import { probeTensorflow } from '../src/probe/tensorflow.ts';
import { fakeProbes } from './fakes.ts';

const READY = {
  state: 'ready',
  version: '4.22.0',
  tensorflow: '2.21.0',
  gpu: null,
  noGpu: 'this TensorFlow library is built for the CPU',
} as const;
const H100 = { ...READY, gpu: { name: 'NVIDIA H100', computeCapability: 9 }, noGpu: null };

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'engine-tensorflow-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function touch(path: string, content = ''): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
}

/** The installation in a made-up package folder, as far as its files go. */
function doctored(files: Readonly<Record<string, string>>): Installation {
  for (const [path, content] of Object.entries(files)) touch(path, content);
  return findInstallation({ binding: null, package: root });
}

const PACKAGE = { 'package.json': '{"version":"4.22.0"}' };
const ADDON = { ...PACKAGE, 'lib/napi-v8/tfjs_binding.node': 'not a library' };

async function reasonOf(
  id: EngineId,
  probe: TensorflowProbe,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const probes = fakeProbes({ tensorflow: () => Promise.resolve(probe) });
  const error: unknown = await resolveEngine(id, { probes, env }).catch((e: unknown) => e);
  if (!(error instanceof EngineUnavailableError)) throw new Error(`${id} is there`);
  const listed = (await listEngines({ probes, env })).find(
    (status) => status.state === 'missing' && status.id === id,
  );
  // Asking for the engine and listing it say the same.
  expect(error.message).toContain(listed?.state === 'missing' ? listed.reason : 'not listed');
  expect(error.message).toMatch(/\.$/);
  expect(error.message).not.toContain('\n');
  return error.message;
}

describe.each(['tensorflow', 'tensorflow-gpu'] as const)('%s', (id) => {
  it('absent: says how to add the package', async () => {
    const probe = await probeTensorflow({}, findInstallation({ binding: null, package: null }));
    expect(await reasonOf(id, probe)).toMatch(/not installed; add it with pnpm add @tensorflow/);
  });

  it('without its addon: says how to build it', async () => {
    const probe = await probeTensorflow({}, doctored(PACKAGE));
    expect(await reasonOf(id, probe)).toMatch(
      /4\.22\.0 is installed without its native addon \(install scripts do not run here\).*pnpm engine:tensorflow --from DIR/,
    );
  });

  it('with an addon for a newer Node: names both', async () => {
    const addon = { ...PACKAGE, 'lib/napi-v99/tfjs_binding.node': '' };
    const probe = await probeTensorflow({}, doctored(addon));
    expect(await reasonOf(id, probe)).toMatch(/for Node-API 99, but Node [\d.]+ offers \d+/);
  });

  it('without its library: says how to get one', async () => {
    const probe = await probeTensorflow({}, doctored(ADDON));
    expect(await reasonOf(id, probe)).toMatch(/without its TensorFlow library.*engine:tensorflow/);
  });

  it('with an addon that is no library: the real loader is asked, and its answer explained', async () => {
    const probe = await probeTensorflow(
      process.env,
      doctored({ ...ADDON, 'deps/lib/libtensorflow.so.2': '' }),
    );
    expect(probe.state).toBe('failed');
    expect(await reasonOf(id, probe)).toMatch(/does not load \(.*build it/);
  });

  it.each([
    ['libcudart.so.11.0: cannot open shared object file', /CUDA 11\.2 and cuDNN 8\.1/],
    ['libtensorflow.so.2: cannot open shared object file', /build the binding again/],
    ["/lib/libc.so.6: version `GLIBC_2.38' not found", /newer Linux/],
  ])('does not load: %s', async (message, remedy) => {
    expect(await reasonOf(id, { state: 'failed', version: '4.22.0', message })).toMatch(remedy);
  });
});

describe('working', () => {
  it('on the CPU: tensorflow is there, tensorflow-gpu says why it is not', async () => {
    const probes = fakeProbes({ tensorflow: () => Promise.resolve(READY) });
    expect(await resolveEngine('tensorflow', { probes, threads: 2 })).toEqual({
      id: 'tensorflow',
      library: '@tensorflow/tfjs-node-gpu',
      version: '4.22.0 with TensorFlow 2.21.0',
      device: 'Test CPU, 2 threads',
      gpu: false,
      caveats: ['float32 sums may differ in their last digits between devices'],
    });
    expect(await reasonOf('tensorflow-gpu', READY)).toMatch(
      /loads but uses the CPU: this TensorFlow library is built for the CPU\.$/,
    );
    expect((await resolveEngine('auto', { probes })).id).toBe('tensorflow');
  });

  it('on a GPU: both are there, and TF32 is a caveat unless it is off', async () => {
    const probes = fakeProbes({ tensorflow: () => Promise.resolve(H100) });
    const gpu = await resolveEngine('auto', { probes, env: {} });
    expect(gpu).toMatchObject({ id: 'tensorflow-gpu', device: 'NVIDIA H100', gpu: true });
    expect(gpu.caveats.join()).toMatch(/round their inputs to TF32.*NVIDIA_TF32_OVERRIDE=0/);
    const exact = await resolveEngine('tensorflow-gpu', {
      probes,
      env: { NVIDIA_TF32_OVERRIDE: '0' },
    });
    expect(exact.caveats.join()).toMatch(/TF32 is off/);
    const cpu = await resolveEngine('tensorflow', { probes, env: {} });
    expect(cpu).toMatchObject({ gpu: false, device: 'Test CPU, 8 threads' });
  });

  it('an older GPU has no TF32 to speak of', async () => {
    const t4 = { ...H100, gpu: { name: 'Tesla T4', computeCapability: 7.5 } };
    const probes = fakeProbes({ tensorflow: () => Promise.resolve(t4) });
    const { caveats } = await resolveEngine('tensorflow-gpu', { probes, env: {} });
    expect(caveats.join()).not.toMatch(/TF32/);
  });
});

const installed = findInstallation();

describe.skipIf(installed.state !== 'complete')(
  `a real binding (${installed.state === 'complete' ? 'found' : `skipped: ${installed.state}`})`,
  () => {
    it('works: the product is right, and the CPU is named where there is no GPU', async () => {
      const probe = await probeTensorflow();
      expect(probe).toMatchObject({ state: 'ready', version: '4.22.0' });
      expect((await resolveEngine('tensorflow', { threads: 2 })).version).toMatch(
        /^4\.22\.0 with TensorFlow 2\.\d+/,
      );
      if (probe.state !== 'ready' || probe.gpu !== null) return;
      await expect(resolveEngine('tensorflow-gpu')).rejects.toThrow(/loads but uses the CPU: /);
    });
  },
);
