/**
 * The one place that loads onnxruntime-node (a lint rule holds that), so that its telemetry is off before anything runs.
 *
 * Since 1.29 the library for Linux and macOS writes a device id, a store of events and a log, and sends the events to
 * its makers, unless `ORT_DISABLE_TELEMETRY` is set when the process makes its first session ("Disabling telemetry" in
 * onnxruntime's docs/Privacy.md). It reads the environment of the process, which a worker thread sees a copy of.
 */
import { isMainThread } from 'node:worker_threads';
import { setTimeout } from 'node:timers/promises';
import type * as Common from 'onnxruntime-common';
import { isObject, shown } from './checks.ts';
import { SessionError } from './errors.ts';

export type { InferenceSession, Tensor } from 'onnxruntime-common';
export type TensorClass = typeof Common.Tensor;

/** onnxruntime-node in types that stand without it: it is an optional peer, and brings 280 MB. */
export type Onnxruntime = typeof Common & {
  /** The execution providers of the installed binary. */
  listSupportedBackends(): readonly { readonly name: string; readonly bundled: boolean }[];
};

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLE = 'ORT_DISABLE_TELEMETRY';

/** What a user says who wants the telemetry. Any other value, and none, leaves it off. */
const WANTED = /^(?:0|false|no|off)$/i;

/** How long a main thread may be inside native code before a worker thread gives up asking it. */
const PATIENCE_MS = 30_000;

/**
 * The environment for a process that loads onnxruntime-node by itself: as given, with `ORT_DISABLE_TELEMETRY=1` unless it
 * says 0, false, no or off there.
 */
export function withoutTelemetry(env: Environment): Environment {
  if (!isObject(env))
    throw new SessionError(`an environment is an object of texts, not ${shown(env)}`);
  return WANTED.test(env[VARIABLE] ?? '') ? env : { ...env, [VARIABLE]: '1' };
}

/**
 * onnxruntime-node itself, with its telemetry off unless the environment asks for it (see `withoutTelemetry`).
 * @throws Error with the loader's own message where the platform has no binary; SessionError where the package is not
 * installed, and in a worker thread whose main thread does not answer.
 */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  if (!WANTED.test(process.env[VARIABLE] ?? '')) {
    process.env[VARIABLE] = '1';
    if (!isMainThread) await setInMainThread();
  }
  return import('onnxruntime-node').catch((cause: unknown) => {
    if (!isObject(cause) || cause['code'] !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new SessionError(
      'onnxruntime-node is not installed; run "npm install --ignore-scripts onnxruntime-node" (its install script would only download CUDA, which is not used here).',
      { cause },
    );
  });
}

/** A thread cannot change the environment of the process, unless it was started to share it; the main thread can. */
async function setInMainThread(): Promise<void> {
  const variable = `process.env.${VARIABLE}`;
  const expression = `${String(WANTED)}.test(${variable} ?? '') ? ${variable} : (${variable} = '1')`;
  const done = new AbortController();
  try {
    const { Session } = await import('node:inspector/promises');
    const session = new Session();
    session.connectToMainThread();
    const reply = await Promise.race([
      session.post('Runtime.evaluate', { expression }),
      // Keeps the thread alive, too: the reply alone does not.
      setTimeout(PATIENCE_MS, undefined, { signal: done.signal }),
    ]);
    session.disconnect();
    if (typeof reply?.result.value !== 'string') throw new Error('no answer');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SessionError(
      `onnxruntime-node was not loaded in this worker thread: its telemetry could not be turned off by the main thread, which alone can (${reason}); ` +
        `do not block the main thread meanwhile, or allow the telemetry with ${VARIABLE}=0`,
      { cause: error },
    );
  } finally {
    done.abort();
  }
}
