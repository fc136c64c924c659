/**
 * Loads the addon, on the device asked for. TensorFlow takes its settings from the environment once, when it is loaded,
 * so they are put there just before; the number of threads and the device then hold for the whole process.
 */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';

import { z } from 'zod';

import type { Environment } from './binding-folder.ts';
import { clause, TensorflowError } from './errors.ts';
import { findInstallation, installationPlaces } from './installation.ts';
import { asNativeBinding, type NativeBinding } from './native.ts';
import { Tensorflow } from './tensorflow.ts';

export interface TensorflowOptions {
  /** `cpu` hides every GPU; `gpu` is an error where TensorFlow does not use one. Default `cpu`. */
  readonly device?: 'cpu' | 'gpu';
  /** Threads inside one operation (TF_NUM_INTRAOP_THREADS), 1 to 256; TensorFlow's own choice when left out. */
  readonly threads?: number;
  /**
   * Whether recent GPUs may round the inputs of float32 products to TF32 (10 bits of mantissa). False sets
   * NVIDIA_TF32_OVERRIDE=0, which gives exact float32 and is slower. Default: as the environment says, which is
   * true unless that variable is set.
   */
  readonly tf32?: boolean;
}

interface Loaded {
  readonly tensorflow: Tensorflow;
  readonly device: 'cpu' | 'gpu';
  readonly threads: number | undefined;
}

let loaded: Loaded | undefined;

/** The environment variables that the options amount to. Those the user has set stay, unless an option says otherwise. */
export function settingsOf(
  { device = 'cpu', threads, tf32 }: TensorflowOptions,
  env: Environment,
): Record<string, string> {
  return {
    // Everything below errors: a library does not print.
    ...(env['TF_CPP_MIN_LOG_LEVEL'] === undefined && { TF_CPP_MIN_LOG_LEVEL: '2' }),
    ...(device === 'cpu' && { CUDA_VISIBLE_DEVICES: '-1' }),
    // Otherwise TensorFlow takes nearly all of the GPU's memory at once.
    ...(env['TF_FORCE_GPU_ALLOW_GROWTH'] === undefined && { TF_FORCE_GPU_ALLOW_GROWTH: 'true' }),
    ...(threads !== undefined && { TF_NUM_INTRAOP_THREADS: String(threads) }),
    ...(tf32 === false && { NVIDIA_TF32_OVERRIDE: '0' }),
  };
}

/** More threads than any machine gains from: TensorFlow would start a million. */
const MOST_THREADS = 256;
const optionsSchema = z.strictObject({
  device: z.literal(['cpu', 'gpu'], 'cpu or gpu').optional(),
  threads: z
    .custom(
      (n) => Number.isInteger(n) && Number(n) >= 1 && Number(n) <= MOST_THREADS,
      `a whole number from 1 to ${MOST_THREADS}`,
    )
    .optional(),
  tf32: z.boolean('true or false').optional(),
});

function checkOptions(options: unknown): void {
  const { error } = optionsSchema.safeParse(options, { reportInput: true });
  const [issue] = error?.issues ?? [];
  if (!issue) return;
  const known = Object.keys(optionsSchema.shape).join(', ');
  const given = inspect(issue.input, { depth: 0, breakLength: Infinity, maxArrayLength: 3 });
  const name = issue.path.join('.');
  throw new TensorflowError(
    'options',
    issue.code === 'unrecognized_keys'
      ? `There is no option "${issue.keys.join('", "')}"; there are ${known}.`
      : name === ''
        ? `The options must be an object of ${known}, not ${given}.`
        : `The option ${name} must be ${issue.message}, not ${given}.`,
  );
}

/**
 * TensorFlow's operations on a device. The second call in a thread gives the same object.
 * @throws TensorflowError 'options', 'missing', 'load' or 'device', with what to do.
 */
export function loadTensorflow(options: TensorflowOptions = {}): Tensorflow {
  checkOptions(options);
  const { device = 'cpu', threads } = options;
  if (loaded) return checkLoaded(loaded, device, threads);
  Object.assign(process.env, settingsOf(options, process.env));
  const tensorflow = new Tensorflow(loadAddon());
  if (device === 'gpu' && !tensorflow.gpu) {
    throw new TensorflowError(
      'device',
      `TensorFlow ${tensorflow.version} loaded but uses the CPU, no NVIDIA GPU; "pnpm bench engines" names the cause.`,
    );
  }
  loaded = { tensorflow, device, threads };
  return tensorflow;
}

function checkLoaded(
  { tensorflow, device: has, threads: runs }: Loaded,
  device: 'cpu' | 'gpu',
  threads: number | undefined,
): Tensorflow {
  if (has !== device) {
    throw new TensorflowError(
      'device',
      `TensorFlow already runs on the ${has.toUpperCase()} in this process and cannot change to the ${device.toUpperCase()}; use another process.`,
    );
  }
  if (threads !== undefined && runs !== undefined && threads !== runs) {
    throw new TensorflowError(
      'device',
      `TensorFlow already runs with ${runs} threads in this process and cannot change to ${threads}; use another process.`,
    );
  }
  return tensorflow;
}

function loadAddon(): NativeBinding {
  const found = findInstallation(installationPlaces());
  if (found.state !== 'complete') {
    throw new TensorflowError(
      'missing',
      found.state === 'not-installed'
        ? 'The optional package @tensorflow/tfjs-node-gpu is not installed; add it with pnpm add @tensorflow/tfjs-node-gpu@4.22.0.'
        : `@tensorflow/tfjs-node-gpu ${found.version} has no ${found.state === 'no-addon' ? 'addon' : 'TensorFlow library'} (${found.detail}); build it with pnpm engine:tensorflow --from DIR.`,
    );
  }
  let native: unknown;
  try {
    native = createRequire(import.meta.url)(found.addon);
  } catch (cause) {
    throw new TensorflowError('load', `TensorFlow does not load (${clause(cause)}).`, { cause });
  }
  return asNativeBinding(native, found.addon);
}
