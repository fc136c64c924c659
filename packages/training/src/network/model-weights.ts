/** The weights of a model of TensorFlow.js as one flat vector, and back. */
import * as tf from '@tensorflow/tfjs';
import { types } from 'node:util';
import { shown } from '@fashion-bench/random';
import { UnsupportedModelError } from '../errors.ts';
import { checkModel } from './model.ts';

/**
 * All weights as one flat vector of length `parameters`, in Keras' order: layer by layer. (TensorFlow.js' `model.getWeights()` puts
 * moving statistics at the end.)
 */
export function weightsOf(model: tf.LayersModel): Float32Array {
  checkModel(model);
  const tensors = model.layers.flatMap((layer) => layer.getWeights());
  const flat = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.size, 0));
  let offset = 0;
  for (const tensor of tensors) {
    flat.set(tensor.dataSync<'float32'>(), offset);
    offset += tensor.size;
  }
  return flat;
}

/** Writes a flat weight vector into the model. @throws UnsupportedModelError where the length does not fit. */
export function setWeightsOf(model: tf.LayersModel, flat: Float32Array): void {
  checkModel(model);
  const parameters = model.layers.reduce((sum, layer) => sum + layer.countParams(), 0);
  if (!types.isFloat32Array(flat)) {
    throw new UnsupportedModelError(`The weights are ${shown(flat)}, but must be a Float32Array.`);
  }
  if (flat.length !== parameters) {
    throw new UnsupportedModelError(
      `The model has ${parameters} parameters, but ${flat.length} were given.`,
    );
  }
  let offset = 0;
  for (const layer of model.layers) {
    const tensors = layer.getWeights().map(({ shape, size: n }) => {
      offset += n;
      return tf.tensor(flat.slice(offset - n, offset), shape);
    });
    layer.setWeights(tensors);
    tf.dispose(tensors);
  }
}
