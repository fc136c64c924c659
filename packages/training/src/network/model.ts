/** From a model of TensorFlow.js to a NetworkSpec. */
import type * as tf from '@tensorflow/tfjs';
import { shown } from '@fashion-bench/random';
import { z } from 'zod';
import { check, isFunction, isObject } from '../checks.ts';
import { UnsupportedModelError } from '../errors.ts';
import { featureShape } from './layer-options.ts';
import { ModelReader } from './layer-readers.ts';
import { lossOptions } from './checks.ts';
import {
  losses,
  type LossName,
  type LossOptions,
  type LossTable,
  type NetworkSpec,
} from './network.ts';

export interface NetworkOptions extends LossOptions {
  /** 'softmaxCrossEntropy' when left out. */
  readonly loss?: LossName;
}
const optionsSchema = lossOptions.extend({
  loss: z.exactOptional(
    z.custom<LossName>(
      (value) => losses.some((name) => name === value),
      `one of ${losses.join(', ')}`,
    ),
  ),
});

/** The activation that a loss has inside: the model must end in it. */
const CLOSING: LossTable<'softmax' | 'sigmoid' | undefined> = {
  softmaxCrossEntropy: 'softmax',
  binaryCrossEntropy: 'sigmoid',
  meanSquaredError: undefined,
  meanAbsoluteError: undefined,
  huber: undefined,
};

const MODELS = ['Sequential', 'Model', 'Functional'];

/**
 * By name and not by class: a program may have two copies of TensorFlow.js.
 * @throws UnsupportedModelError for what is no model of layers
 */
export function checkModel(model: unknown): void {
  const isModel = isObject(model) && isFunction(model['getClassName']);
  const kind = isModel ? (model as unknown as tf.LayersModel).getClassName() : undefined;
  if (kind !== undefined && MODELS.includes(kind)) return;
  throw new UnsupportedModelError(
    `The model is ${kind === undefined ? shown(model) : `a ${kind}`}, but must be a model of layers: build it by tf.sequential or tf.model.`,
  );
}

/**
 * Reads the layers of a built model: any directed acyclic graph with one input and one output. A layer stands
 * behind those that it takes values of, the branches of a graph one after the other, so that what is done to a layer together
 * with the next is done in branches, too.
 * With softmax cross-entropy (the default) it must end in softmax, with binary cross-entropy in sigmoid, with the other losses in anything else.
 * @throws UnsupportedModelError naming the layer or option that cannot be trained; TrainingError for an option that is unknown.
 */
export function networkOf(model: tf.LayersModel, options: NetworkOptions = {}): NetworkSpec {
  check(optionsSchema, options);
  const { loss = 'softmaxCrossEntropy', ...lossOptions } = options;
  checkModel(model);
  if (model.layers.length === 0) throw new UnsupportedModelError('The model has no layers.');
  const start = only(model.inputs, 'inputs');
  const end = only(model.outputs, 'outputs');
  const input = featureShape(start.shape, start.sourceLayer.name);
  const reader = new ModelReader(input, model.layers);
  const values = new Map([[start.id, 0]]);
  const visit = ({ id, inputs, sourceLayer, shape }: tf.SymbolicTensor): number => {
    const value = values.get(id) ?? reader.read(sourceLayer, inputs.map(visit), shape);
    values.set(id, value);
    return value;
  };
  const last = visit(end);
  const closing = CLOSING[loss];
  const found = reader.softmax ? 'softmax' : reader.closingSigmoid(last, closing === 'sigmoid');
  if (closing !== undefined && found !== closing) {
    throw new UnsupportedModelError(`The model must end in a ${closing} activation.`);
  }
  if (closing !== 'softmax' && reader.softmax) {
    throw new UnsupportedModelError(
      `The model ends in a softmax activation, which goes with the loss softmaxCrossEntropy and not with ${loss}.`,
    );
  }
  if (!reader.weights.some(({ trainable }) => trainable !== false))
    throw new UnsupportedModelError('Every layer of the model is frozen (trainable = false).');
  const { layers, weights, parameters } = reader;
  const { channels: classes } = featureShape(end.shape, end.sourceLayer.name);
  const isPlain = Object.keys(lossOptions).length === 0;
  return { input, classes, layers, weights, parameters, loss, ...(!isPlain && { lossOptions }) };
}

function only(tensors: readonly tf.SymbolicTensor[], what: string): tf.SymbolicTensor {
  const [tensor] = tensors;
  if (tensor && tensors.length === 1) return tensor;
  throw new UnsupportedModelError(
    tensors.length === 0
      ? 'The model is not built yet: give its first layer an inputShape.'
      : `The model has ${tensors.length} ${what}; one can be trained here.`,
  );
}
