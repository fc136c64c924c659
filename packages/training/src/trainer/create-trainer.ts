/** One trainer per engine. */
import { systemCode } from '@fashion-bench/files';
import { mustBe } from '../checks.ts';
import { TrainingError } from '../errors.ts';
import { checkWeights } from '../network/checks.ts';
import { checkTrainerShape } from './checks.ts';
import { OnnxTrainer } from '../onnx-cpu/trainer.ts';
import { queued } from './queued-trainer.ts';
import { ReferenceTrainer } from '../reference/trainer.ts';
import type { Trainer, TrainerOptions } from './trainer.ts';
import { WebgpuTrainer } from '../onnx-webgpu/trainer.ts';

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

/** @throws TrainingError naming the engines there are. */
export function checkEngine(engine: unknown): void {
  const known = trainerEngines.join(', ');
  const words = `one of ${known} (resolveEngine of @fashion-bench/engine chooses one)`;
  mustBe(
    'The option engine',
    engine,
    words,
    trainerEngines.some((id) => id === engine),
  );
}

/**
 * A trainer whose calls wait for each other; after `dispose` they are refused.
 * @throws TrainingError for options that do not fit.
 */
export async function createTrainer(
  engine: TrainerEngine,
  options: TrainerOptions,
): Promise<Trainer> {
  checkEngine(engine);
  checkTrainerShape(options);
  checkWeights(options.weights, options.network);
  return queued(await trainerOn(engine, options), options);
}

async function trainerOn(engine: TrainerEngine, options: TrainerOptions): Promise<Trainer> {
  switch (engine) {
    case 'onnx-cpu':
      return OnnxTrainer.create(options);
    case 'onnx-webgpu':
      return WebgpuTrainer.create(options);
    case 'tensorflow':
    case 'tensorflow-gpu': {
      // Optional, and loaded only when asked for.
      const { TensorflowTrainer } = await import('../tensorflow/trainer.ts').catch(
        (cause: unknown) => {
          if (systemCode(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
          throw new TrainingError(
            `The engine ${engine} needs the package @fashion-bench/tensorflow, which this package does not bring along; run "npm install --ignore-scripts @fashion-bench/tensorflow @tensorflow/tfjs-node-gpu".`,
            { cause },
          );
        },
      );
      return TensorflowTrainer.create({
        ...options,
        device: engine === 'tensorflow' ? 'cpu' : 'gpu',
      });
    }
    case 'reference':
      return ReferenceTrainer.create(options);
  }
}
