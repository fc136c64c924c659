/** Which engines the suites can run here: an absent one is skipped, with its reason in the title. */
import { resolveEngine } from '@fashion-bench/engine';
import { findInstallation } from '@fashion-bench/tensorflow';

import { type TrainerEngine, trainerEngines } from '../src/index.ts';

const noWebgpu = await resolveEngine('onnx-webgpu').then(
  () => null,
  (error: unknown) => ` (skipped: ${error instanceof Error ? error.message : String(error)})`,
);

/** Null where the engine can be tried; else words to be put behind its name. */
export function whyNot(engine: TrainerEngine): string | null {
  if (engine === 'tensorflow') {
    const found = findInstallation();
    return found.state === 'complete'
      ? null
      : ` (skipped: the TensorFlow binding is ${found.state})`;
  }
  if (engine === 'onnx-webgpu') return noWebgpu;
  // Its CPU half is the same code; the suites have never met a GPU.
  return engine === 'tensorflow-gpu' ? ' (skipped: needs an NVIDIA GPU)' : null;
}

export const presentEngines: readonly TrainerEngine[] = trainerEngines.filter(
  (engine) => whyNot(engine) === null,
);

/** For `test.skip.each`: name and reason. */
export const absentEngines: readonly (readonly [TrainerEngine, string])[] = trainerEngines.flatMap(
  (engine) => {
    const reason = whyNot(engine);
    return reason === null ? [] : [[engine, reason] as const];
  },
);
