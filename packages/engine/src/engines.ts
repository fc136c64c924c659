/** The list of engines, and the choice of one. Asking for an engine never falls back to another quietly. */

import { shown } from '@fashion-bench/onnx';

import { EngineOptionsError, EngineUnavailableError, UnknownEngineError } from './errors.ts';
import { type EngineProbes, machineProbes } from './probes.ts';
import { engineStatus } from './status.ts';
import {
  ENGINE_IDS,
  type EngineId,
  type EngineInfo,
  type EngineStatus,
  isEngineId,
} from './types.ts';

export interface EngineOptions {
  /** Threads that the engine will be given (default: all); shown in `device`. */
  readonly threads?: number;
  /** Environment for the search of GPU drivers. @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Replaces single questions to the machine, for tests. */
  readonly probes?: Partial<EngineProbes>;
}

/** Fastest first. A GPU comes before the processor, plain JavaScript last. */
const AUTO_ORDER: readonly EngineId[] = [
  'tensorflow-gpu',
  'onnx-webgpu',
  'tensorflow',
  'onnx-cpu',
  'reference',
];

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const ACCEPTED: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  threads: [
    'a whole number of at least 1',
    (value) => Number.isSafeInteger(value) && Number(value) >= 1,
  ],
  env: ['an object of variables, as process.env is', isObject],
  probes: ['an object of functions', isObject],
};

function checkOptions(options: unknown): void {
  const known = Object.keys(ACCEPTED).join(', ');
  if (typeof options !== 'object' || options === null) {
    throw new EngineOptionsError(
      `The options must be an object of ${known}, not ${shown(options)}.`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    const accepted = Object.hasOwn(ACCEPTED, name) ? ACCEPTED[name] : undefined;
    if (!accepted)
      throw new EngineOptionsError(`There is no option "${name}"; there are ${known}.`);
    const [words, fits] = accepted;
    if (value === undefined || fits(value)) continue;
    throw new EngineOptionsError(`The option ${name} must be ${words}, not ${shown(value)}.`);
  }
}

function probesOf(options: EngineOptions): EngineProbes {
  checkOptions(options);
  const probes = { ...machineProbes(options.env), ...options.probes };
  // One answer serves both engines of a library: the TensorFlow question may cost seconds.
  let tensorflow: ReturnType<EngineProbes['tensorflow']> | undefined;
  const ask = probes.tensorflow;
  return { ...probes, tensorflow: () => (tensorflow ??= ask()) };
}

/** All five engines in a fixed order, each available or missing with its reason. Never rejects for a missing one. @throws EngineOptionsError */
export async function listEngines(options: EngineOptions = {}): Promise<readonly EngineStatus[]> {
  const probes = probesOf(options);
  return Promise.all(
    ENGINE_IDS.map((id) => engineStatus(id, probes, options.threads, options.env ?? process.env)),
  );
}

/**
 * The engine of that name, or with `auto` the fastest available one.
 *
 * @throws EngineOptionsError for options that are none, or do not exist.
 * @throws UnknownEngineError when no engine has that name.
 * @throws EngineUnavailableError when it cannot run here; the message says why and what to do.
 */
export async function resolveEngine(id: string, options: EngineOptions = {}): Promise<EngineInfo> {
  const probes = probesOf(options);
  if (id === 'auto') {
    for (const candidate of AUTO_ORDER) {
      const status = await engineStatus(
        candidate,
        probes,
        options.threads,
        options.env ?? process.env,
      );
      // A driver without a GPU behind it is for those who ask for it by name.
      const software =
        candidate === 'onnx-webgpu' && status.state === 'available' && !status.engine.gpu;
      if (status.state === 'available' && !software) return status.engine;
    }
    throw new EngineUnavailableError('auto', 'no engine works here; reinstall the packages.');
  }
  if (!isEngineId(id)) throw new UnknownEngineError(id);
  const status = await engineStatus(id, probes, options.threads, options.env ?? process.env);
  if (status.state === 'missing') throw new EngineUnavailableError(id, status.reason);
  return status.engine;
}
