/** One trainer per engine. */
import { TrainingError } from './errors.ts';
import { OnnxTrainer } from './onnx/onnx-trainer.ts';
import { ReferenceTrainer } from './reference/reference-trainer.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';
import { WebgpuTrainer } from './webgpu/webgpu-trainer.ts';

/** Engines with a trainer, by their ids in @fashion-bench/engine. */
export const trainerEngines = [
  'tensorflow-gpu',
  'tensorflow',
  'onnx-cpu',
  'onnx-webgpu',
  'reference',
] as const;
export type TrainerEngine = (typeof trainerEngines)[number];

/** Whether an engine of this id can train. */
export function isTrainerEngine(id: string): id is TrainerEngine {
  return trainerEngines.some((engine) => engine === id);
}

/** @throws TrainingError for options that do not fit. */
export async function createTrainer(
  engine: TrainerEngine,
  options: TrainerOptions,
): Promise<Trainer> {
  if (!Number.isInteger(options.batchSize) || options.batchSize < 1) {
    throw new TrainingError(
      `The batch size must be a whole number of at least 1, not ${options.batchSize}.`,
    );
  }
  switch (engine) {
    case 'onnx-cpu':
      return OnnxTrainer.create(options);
    case 'onnx-webgpu':
      return WebgpuTrainer.create(options);
    case 'tensorflow':
    case 'tensorflow-gpu': {
      // Optional, and loaded only when asked for.
      const { TensorflowTrainer } = await import('./tensorflow/tensorflow-trainer.ts');
      return TensorflowTrainer.create({
        ...options,
        device: engine === 'tensorflow' ? 'cpu' : 'gpu',
      });
    }
    case 'reference':
      return ReferenceTrainer.create(options);
  }
}
