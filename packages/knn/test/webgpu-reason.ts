/** Why the provider cannot be used here, or null. A driver is tried in a process of its own, since a broken one ends the process. */
import { resolveEngine } from '@fashion-bench/engine';

export const noWebgpu: string | null = await resolveEngine('onnx-webgpu').then(
  () => null,
  (error: unknown) => (error instanceof Error ? error.message : String(error)),
);
