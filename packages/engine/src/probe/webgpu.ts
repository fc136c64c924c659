/**
 * Looks whether onnxruntime's WebGPU provider really computes here, and on which device: a product of two 2 x 2 matrices in a
 * child process. A broken driver may end the process that tries it, and a failed request for an adapter may leave it
 * hanging at its exit (onnxruntime#29553); neither must happen to the caller.
 *
 * onnxruntime does not say which device it took. On Linux the Vulkan loader does, when its own log is on
 * (VK_LOADER_DEBUG; "Debugging The Vulkan Desktop Loader"): the line `Using "NAME" with driver: "LIBRARY"` is written when a
 * device is opened, so it names the device that is used and not one that could be.
 */

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { withoutTelemetry } from '@fashion-bench/onnx';

type Environment = Readonly<Record<string, string | undefined>>;

export interface WebgpuDevice {
  /** As the driver calls it, such as `NVIDIA H100`; null where the system does not say. */
  readonly name: string | null;
  /** The driver's library, and its version where it can be read; null where the system does not say. */
  readonly driver: string | null;
}

export type WebgpuProbe =
  | { readonly state: 'works'; readonly device: WebgpuDevice }
  | { readonly state: 'failed'; readonly message: string };

/** A first start compiles shaders and may load a large driver. */
const PROBE_TIMEOUT_MS = 60_000;

/** y = x x for x [2, 2]; written once by the graph builder of @fashion-bench/onnx. */
const PROBE_MODEL =
  'CAoSDWZhc2hpb24tYmVuY2g6UAodCgF4CgF4EgF5GghNYXRNdWxfMCIGTWF0TXVsOgASBXByb2JlWhMKAXgSDgoMCAESCAoCCAIKAggCYhMKAXkSDgoMCAESCAoCCAIKAggCQgQKABAV';

/** Runs in the child. It leaves at once: what the library does at its exit is not asked. */
const CHILD = `
const { InferenceSession, Tensor } = require(process.argv[1]);
const options = {
  executionProviders: [process.argv[3]], logSeverityLevel: 4, extra: { session: { disable_cpu_ep_fallback: '1' } } };
InferenceSession.create(Buffer.from(process.argv[2], 'base64'), process.argv[3] === 'cpu' ? {} : options)
  .then((session) => session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]) }))
  .then(
    ({ y }) => { process.stdout.write('webgpu-probe:' + y.data.join() + '\\n', () => process.exit(0)); },
    (error) => { process.stderr.write('webgpu-error:' + String(error.message).replace(/\\s+/g, ' ') + '\\n', () => process.exit(1)); });
`;

const EXPECTED = 'webgpu-probe:7,10,15,22';

export interface ChildOutput {
  /** Whether it ended by itself with status 0. */
  readonly ended: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the child with an environment; replaced in tests. */
export type WebgpuChild = (env: Environment) => Promise<ChildOutput>;

/** @param provider tests run the same child on the CPU. */
export function webgpuChild(provider: 'webgpu' | 'cpu'): WebgpuChild {
  return (env) =>
    new Promise((resolve) => {
      const library = createRequire(import.meta.url).resolve('onnxruntime-node');
      execFile(
        process.execPath,
        ['-e', CHILD, library, PROBE_MODEL, provider],
        {
          env: { ...withoutTelemetry(env) },
          timeout: PROBE_TIMEOUT_MS,
          killSignal: 'SIGKILL',
          maxBuffer: 1 << 26,
        },
        (error, stdout, stderr) => {
          resolve({ ended: error === null, stdout, stderr });
        },
      );
    });
}

/** Tries a tiny session in a child process. @param env of the child: where it finds its driver. */
export async function probeWebgpu(
  env: Environment = process.env,
  run: WebgpuChild = webgpuChild('webgpu'),
): Promise<WebgpuProbe> {
  const { ended, stdout, stderr } = await run({ ...env, VK_LOADER_DEBUG: 'all' });
  if (ended && stdout.split('\n').includes(EXPECTED)) {
    return { state: 'works', device: deviceOf(stderr) };
  }
  const said = /^webgpu-error:(.*)$/m.exec(stderr)?.[1];
  if (said !== undefined) return { state: 'failed', message: said };
  const message = ended
    ? 'a product of two small matrices came out wrong'
    : 'the process that tried it was ended by the driver, or hung';
  return { state: 'failed', message };
}

/** What the loader said last: the device that was opened. */
function deviceOf(stderr: string): WebgpuDevice {
  const used = [...stderr.matchAll(/Using "(.*)" with driver: "(.*)"/g)].at(-1);
  const [, name = null, library = null] = used ?? [];
  if (library === null) return { name, driver: null };
  const version = /nvidia/i.test(library) ? nvidiaVersion() : undefined;
  return { name, driver: version === undefined ? library : `${library}, NVIDIA ${version}` };
}

/** The kernel module's version; the user library refuses to work with another one. */
function nvidiaVersion(): string | undefined {
  try {
    return /(\d+\.\d+(?:\.\d+)?)/.exec(readFileSync('/proc/driver/nvidia/version', 'utf8'))?.[1];
  } catch {
    return undefined; // not Linux, or a container without that file
  }
}

/** Drivers that compute on the processor: of use for tests, slower than onnx-cpu, and no GPU. */
export function isSoftware({ name, driver }: WebgpuDevice): boolean {
  return /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render/i.test(
    `${name ?? ''} ${driver ?? ''}`,
  );
}
