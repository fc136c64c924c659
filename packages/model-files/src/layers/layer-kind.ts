/** What this package knows of a class of layers: one row of the table in kinds/table.ts. */
import type { z } from 'zod';
import type { Feature, Lowering } from '../onnx/lowering.ts';
import type { Shape, WeightShape } from './shapes.ts';

/** Settings of a parsed layer as Keras 2 and TensorFlow.js write them. */
export interface Settings {
  readonly name: string;
  trainable: boolean;
  readonly [setting: string]: unknown;
}

/** What holds for a class of layers, given the settings of one. */
interface Rules<C> {
  /** Of one image. As the first input where it is left out. */
  readonly output?: (config: C, input: Shape, at: string) => Shape;
  /** For layers that take several values; `output` is for those that take one. */
  readonly merged?: (config: C, inputs: readonly Shape[], at: string) => Shape;
  /** In the order of Keras' `layer.weights`: trainable ones first. None where it is left out. */
  readonly weights?: (config: C, input: Shape) => readonly WeightShape[];
  /** Multiplications or comparisons behind each number of the output, roughly; 1 where it is left out. */
  readonly work?: (config: C, input: Shape) => number;
  /** Name of the function that the layer applies last; `passes` where it hands its input's values on. Linear where it is left out. */
  readonly activation?: (config: C) => string;
  /** The layer as nodes of ONNX. */
  readonly lower: (lowering: Lowering, config: C) => Feature;
}

/** The rules with the settings of a layer in them. */
export interface ParsedLayer {
  readonly config: Settings;
  readonly output: (inputs: readonly Shape[], at: string) => Shape;
  readonly weights: (input: Shape) => readonly WeightShape[];
  readonly work: (input: Shape) => number;
  readonly activation: string;
  readonly lower: (lowering: Lowering) => Feature;
}

export interface LayerKind {
  /** Whether it takes several values. */
  readonly merges: boolean;
  readonly schema: z.ZodType<ParsedLayer>;
}

/** A row of the table: how the settings are read, and what follows from them. */
export function layerKind<C extends Settings>(settings: z.ZodType<C>, rules: Rules<C>): LayerKind {
  const { output, merged, weights, work, activation, lower } = rules;
  const one = ([input = []]: readonly Shape[]): Shape => input;
  return {
    merges: merged !== undefined,
    schema: settings.transform((config): ParsedLayer => ({
      config,
      output: (inputs, at) =>
        merged?.(config, inputs, at) ?? output?.(config, one(inputs), at) ?? one(inputs),
      weights: (input) => weights?.(config, input) ?? [],
      work: (input) => work?.(config, input) ?? 1,
      activation: activation?.(config) ?? 'linear',
      lower: (lowering) => lower(lowering, config),
    })),
  };
}
