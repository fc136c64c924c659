/**
 * How far TensorFlow came on this machine. Files are looked for first; when all are there, the library is loaded in a
 * child process (`probeDevice` says why).
 */
import {
  type Environment,
  findInstallation,
  type GpuFacts,
  type Installation,
  installationPlaces,
  probeDevice,
} from '@fashion-bench/tensorflow';

export type TensorflowProbe =
  | Exclude<Installation, { state: 'complete' }>
  | { readonly state: 'failed'; readonly version: string; readonly message: string }
  | {
      readonly state: 'ready';
      /** Of @tensorflow/tfjs-node-gpu. */
      readonly version: string;
      /** TensorFlow's own version, such as 2.9.1. */
      readonly tensorflow: string;
      readonly gpu: GpuFacts | null;
      /** Why it uses no GPU, as a clause with what to do; null where it does. */
      readonly noGpu: string | null;
    };

/** @param installation what the files say; tests hand in a made-up one. */
export async function probeTensorflow(
  env: Environment = process.env,
  installation: Installation = findInstallation(installationPlaces(env)),
  probe: typeof probeDevice = probeDevice,
): Promise<TensorflowProbe> {
  if (installation.state !== 'complete') return installation;
  const { version, addon } = installation;
  const device = await probe(addon, env);
  if (device.state === 'failed') return { state: 'failed', version, message: device.message };
  const { tensorflow, gpu, noGpu } = device;
  return { state: 'ready', version, tensorflow, gpu, noGpu };
}
