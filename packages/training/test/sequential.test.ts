import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { networkOf, setWeightsOf, UnsupportedModelError, weightsOf } from '../src/index.ts';
import { sequential, smallStudyNet } from './networks.ts';

const { conv2d, dense, flatten } = tf.layers;
const softmax = (): tf.layers.Layer => dense({ units: 3, activation: 'softmax' });

describe('networkOf', () => {
  test('splits activations off and takes the closing softmax away', () => {
    const network = networkOf(smallStudyNet());
    expect(network.layers.map((layer) => layer.kind)).toEqual([
      'conv2d',
      'activation',
      'maxPooling2d',
      'dropout',
      'conv2d',
      'activation',
      'maxPooling2d',
      'dropout',
      'flatten',
      'dense',
      'activation',
      'dropout',
      'dense',
    ]);
    expect(network.classes).toBe(5);
    expect(network.parameters).toBe(smallStudyNet().countParams());
    expect(network.weights.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 256],
      [256, 16],
      [272, 2048],
      [2320, 8],
      [2328, 1152],
      [3480, 16],
      [3496, 80],
      [3576, 5],
    ]);
  });

  test.each([
    [
      'a layer it does not know',
      [
        conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, name: 'c' }),
        tf.layers.globalAveragePooling2d({ name: 'gap' }),
        softmax(),
      ],
      'Layer "gap" is a GlobalAveragePooling2D',
    ],
    [
      'strides',
      [
        conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, strides: 2, name: 'c' }),
        flatten(),
        softmax(),
      ],
      'Layer "c" cannot be trained here: strides',
    ],
    [
      'an unknown activation',
      [dense({ inputShape: [4], units: 2, activation: 'selu', name: 'd' }), softmax()],
      'Layer "d" cannot be trained here: activation',
    ],
    [
      'overlapping pooling',
      [
        tf.layers.maxPooling2d({ inputShape: [8, 8, 1], poolSize: 3, strides: 1, name: 'p' }),
        flatten(),
        softmax(),
      ],
      'pooling "p"',
    ],
    ['no softmax at the end', [dense({ inputShape: [4], units: 2 })], 'must end in a softmax'],
    [
      'layers after the softmax',
      [
        dense({ inputShape: [4], units: 2, activation: 'softmax' }),
        dense({ units: 2, name: 'late' }),
      ],
      'Layer "late" follows a softmax',
    ],
    [
      'dense on images',
      [dense({ inputShape: [4, 4, 2], units: 2, name: 'd' }), flatten(), softmax()],
      'Dense layer "d" needs flat input',
    ],
    [
      'a regularizer',
      [dense({ inputShape: [4], units: 2, kernelRegularizer: 'l1l2', name: 'd' }), softmax()],
      'Layer "d" cannot be trained here: kernelRegularizer',
    ],
    [
      'a frozen layer',
      [dense({ inputShape: [4], units: 2, trainable: false, name: 'd' }), softmax()],
      'Layer "d" is frozen',
    ],
  ] as const)('refuses %s by name', (_, layers, message) => {
    const model = sequential(layers);
    expect(() => networkOf(model)).toThrow(UnsupportedModelError);
    expect(() => networkOf(model)).toThrow(message);
  });
});

test('weights survive the way out and back', () => {
  const [a, b] = [smallStudyNet(), smallStudyNet()];
  expect(weightsOf(b)).not.toEqual(weightsOf(a));
  setWeightsOf(b, weightsOf(a));
  expect(weightsOf(b)).toEqual(weightsOf(a));
  expect(() => {
    setWeightsOf(b, new Float32Array(3));
  }).toThrow('The model has 3581 parameters, but 3 were given.');
});
