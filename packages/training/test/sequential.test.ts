import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { networkOf, setWeightsOf, UnsupportedModelError, weightsOf } from '../src/index.ts';
import { sequential, smallStudyNet } from './networks.ts';

const { batchNormalization, conv2d, dense, flatten } = tf.layers;
const softmax = (): tf.layers.Layer => dense({ units: 3, activation: 'softmax' });

describe('networkOf', () => {
  test('takes an explicit input layer, and a chain from tf.model as one from tf.sequential', () => {
    const layers = (): tf.layers.Layer[] => [
      tf.layers.flatten({ inputShape: [2, 2, 1] }),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    ];
    const input = tf.layers.inputLayer({ inputShape: [2, 2, 1] });
    const explicit = tf.sequential({ layers: [input, tf.layers.flatten(), ...layers().slice(1)] });
    expect(networkOf(explicit).parameters).toBe(10);
    const inputs = tf.input({ shape: [2, 2, 1] });
    const output = layers().reduce<tf.SymbolicTensor>(
      (x, layer) => layer.apply(x) as tf.SymbolicTensor,
      inputs,
    );
    const functional = tf.model({ inputs, outputs: output });
    const [, ...asChain] = networkOf(functional).layers;
    expect(asChain.map(({ kind, sources }) => [kind, sources])).toEqual([['dense', undefined]]);
    expect(networkOf(functional).parameters).toBe(10);
  });

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

  test("batch normalization has Keras' weights in Keras' order, the moving ones not trained", () => {
    const model = sequential([
      conv2d({ inputShape: [4, 4, 1], filters: 2, kernelSize: 3, useBias: false }),
      batchNormalization(),
      flatten(),
      dense({ units: 3, useBias: false }),
      batchNormalization({ center: false, axis: 1, momentum: 0.5, epsilon: 0.25 }),
      softmax(),
    ]);
    const network = networkOf(model);
    const numbers = network.weights.map(({ name, ...spec }) => ({
      ...spec,
      name: name.replace(/^.*\//, ''),
    }));
    expect(numbers.slice(1, 5)).toEqual([
      { name: 'gamma', shape: [2], offset: 18, size: 2 },
      { name: 'beta', shape: [2], offset: 20, size: 2 },
      { name: 'moving_mean', shape: [2], offset: 22, size: 2, trainable: false },
      { name: 'moving_variance', shape: [2], offset: 24, size: 2, trainable: false },
    ]);
    const [usual, other] = network.layers.filter(({ kind }) => kind === 'batchNormalization');
    expect(usual).toMatchObject({ momentum: 0.99, epsilon: 0.001, gamma: network.weights[1] });
    expect(other).toMatchObject({ momentum: 0.5, epsilon: 0.25, beta: undefined });
    expect(network.parameters).toBe(model.countParams());
    // Layer by layer, as they begin; not with the moving statistics at the end.
    expect([...weightsOf(model).subarray(18, 26)]).toEqual([1, 1, 0, 0, 0, 0, 1, 1]);
    const numbered = Float32Array.from({ length: network.parameters }, (_, i) => i);
    setWeightsOf(model, numbered);
    expect(weightsOf(model)).toEqual(numbered);
    expect(model.layers[1]?.getWeights().map((tensor) => [...tensor.dataSync()])).toEqual([
      [18, 19],
      [20, 21],
      [22, 23],
      [24, 25],
    ]);
  });

  test('images without an axis for their one channel', () => {
    const model = sequential([flatten({ inputShape: [4, 3] }), softmax()]);
    const network = networkOf(model);
    expect(network.input).toEqual({ rows: 4, columns: 3, channels: 1 });
    expect(network.weights.map(({ shape }) => shape)).toEqual([[12, 3], [3]]);
  });

  test.each([
    [
      'a layer it does not know',
      [
        conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, name: 'c' }),
        tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, name: 'up' }),
        flatten(),
        softmax(),
      ],
      'Layer "up" is a Conv2DTranspose, which cannot be trained here; known are InputLayer, Conv2D, DepthwiseConv2D,',
    ],
    [
      'layer normalization over another axis',
      [
        tf.layers.layerNormalization({ inputShape: [4, 4, 2], axis: 1, name: 'ln' }),
        flatten(),
        softmax(),
      ],
      'LayerNormalization "ln" works over axis 1; here it must be the last one, -1.',
    ],
    [
      'batch normalization over another axis',
      [batchNormalization({ inputShape: [4, 4, 2], axis: 1, name: 'bn' }), flatten(), softmax()],
      'BatchNormalization "bn" works over axis 1; here it must be the last one, -1.',
    ],
    [
      'a softmax over pixels',
      [tf.layers.activation({ inputShape: [4, 4, 2], activation: 'softmax', name: 's' })],
      'The softmax of "s" is over pixels',
    ],
    [
      'batch normalization of images without channels',
      [batchNormalization({ inputShape: [4, 3], name: 'bn' }), flatten(), softmax()],
      'BatchNormalization "bn" works over axis',
    ],
    [
      'a regularizer of batch normalization',
      [batchNormalization({ inputShape: [4], gammaRegularizer: 'l1l2', name: 'bn' }), softmax()],
      'Layer "bn" has gammaRegularizer = ',
    ],
    [
      'the order of channels',
      [
        conv2d({
          ...{ inputShape: [1, 8, 8], filters: 2, kernelSize: 3, name: 'c' },
          dataFormat: 'channelsFirst',
        }),
        flatten(),
        softmax(),
      ],
      `Layer "c" has dataFormat = 'channelsFirst', which cannot be trained here; accepted: channelsLast.`,
    ],
    [
      'a dilation that TensorFlow.js ignores',
      [
        tf.layers.depthwiseConv2d({
          ...{ inputShape: [8, 8, 1], kernelSize: 3, dilationRate: 2, name: 'd' },
        }),
        flatten(),
        softmax(),
      ],
      'Layer "d" has dilationRate = [ 2, 2 ], which cannot be trained here; accepted: two whole numbers from 1; 1 for DepthwiseConv2D, which TensorFlow.js computes without.',
    ],
    [
      'interpolation',
      [
        tf.layers.upSampling2d({
          ...{ inputShape: [4, 4, 1], size: [2, 2], name: 'up' },
          interpolation: 'bilinear',
        }),
        flatten(),
        softmax(),
      ],
      `Layer "up" has interpolation = 'bilinear', which cannot be trained here; accepted: nearest.`,
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
      'Layer "d" has kernelRegularizer = ',
    ],
    [
      'a model of frozen layers alone',
      [dense({ inputShape: [4], units: 3, activation: 'softmax', trainable: false })],
      'Every layer of the model is frozen (trainable = false).',
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
