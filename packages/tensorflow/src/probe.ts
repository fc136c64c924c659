/**
 * Loads the addon in a child process, multiplies two small matrices, and says which device did it. In this process it
 * would take the GPU's memory and fix the number of threads, and a broken library would take this process along.
 */
import { execFile } from 'node:child_process';

import { z } from 'zod';

import type { Environment } from './binding-folder.ts';
import { gpuOf, type GpuFacts, noGpuCause } from './gpu-log.ts';

export type DeviceProbe =
  | { readonly state: 'failed'; readonly message: string }
  | {
      readonly state: 'works';
      /** TensorFlow's version. */
      readonly tensorflow: string;
      readonly gpu: GpuFacts | null;
      /** Why it uses no GPU, as a clause; null where it does. */
      readonly noGpu: string | null;
    };

const PROBE_TIMEOUT_MS = 120_000;
const MARK = 'tensorflow-probe:';

/** Runs in the child. The library writes to both streams, so the answer carries a mark. */
const CHILD = `
const native = require(process.argv[1]);
const { TF_FLOAT, TF_ATTR_TYPE, TF_ATTR_BOOL } = native;
const square = native.createTensor([2, 2], TF_FLOAT, Float32Array.of(1, 2, 3, 4));
const [{ id }] = native.executeOp('MatMul', [
  { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
  { name: 'transpose_a', type: TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: TF_ATTR_BOOL, value: false },
], [square, square], 1);
process.stdout.write('\\n${MARK}' + JSON.stringify({
  tensorflow: native.TF_Version, gpu: native.isUsingGpuDevice(), product: [...native.tensorDataSync(id)],
}) + '\\n');
`;

const answerSchema = z.object({
  tensorflow: z.string(),
  gpu: z.boolean(),
  product: z.array(z.number()),
});

export interface ChildOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** What ended it: null for an ordinary end. */
  readonly failure: string | null;
}

/** Runs the child with the addon's path; replaced in tests. */
export type ChildRunner = (addon: string, env: Environment) => Promise<ChildOutput>;

const runChild: ChildRunner = (addon, env) =>
  new Promise((resolve) => {
    const options = { timeout: PROBE_TIMEOUT_MS, maxBuffer: 1 << 24, env: { ...env } };
    execFile(process.execPath, ['-e', CHILD, addon], options, (error, stdout, stderr) => {
      resolve({ stdout, stderr, failure: error === null ? null : endOf(error) });
    });
  });

function endOf(error: { readonly killed?: boolean; readonly signal?: unknown }): string {
  if (error.killed === true) return `no answer within ${PROBE_TIMEOUT_MS / 1000} seconds`;
  return typeof error.signal === 'string'
    ? `the process that loaded it was ended by ${error.signal}`
    : 'the process that loaded it failed';
}

/** The sentence of a Node stack trace: the last line that starts with an error's name. */
function lastErrorLine(stderr: string): string | undefined {
  const lines = stderr.split('\n').map((line) => line.trim());
  return lines.findLast((line) => /^\w*Error\b.*: /.test(line))?.replace(/^Error: /, '');
}

/** @param addon path of the addon. */
export async function probeDevice(
  addon: string,
  env: Environment = process.env,
  run: ChildRunner = runChild,
): Promise<DeviceProbe> {
  const { stdout, stderr, failure } = await run(addon, {
    ...env,
    // TensorFlow says at this level alone which GPU it took, and why it took none.
    TF_CPP_MIN_LOG_LEVEL: '0',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  });
  const failed = (message: string): DeviceProbe => ({ state: 'failed', message });
  if (failure !== null) return failed(lastErrorLine(stderr) ?? failure);
  const line = stdout.split('\n').find((text) => text.startsWith(MARK));
  if (line === undefined) return failed('it loaded but did not answer');
  const { tensorflow, gpu, product } = answerSchema.parse(JSON.parse(line.slice(MARK.length)));
  if (product.join() !== '7,10,15,22') {
    return failed(`[[1, 2], [3, 4]] squared came out as ${product.join(', ')}`);
  }
  return {
    state: 'works',
    tensorflow,
    gpu: gpu ? gpuOf(stderr) : null,
    noGpu: gpu ? null : noGpuCause(stderr, env),
  };
}
