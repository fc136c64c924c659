/**
 * Activations by the names that TensorFlow.js' layers have for them. Those that are applied value by value are layers of their own
 * in a network; `linear` is none, and `softmax` is part of the loss.
 */
export const elementwiseActivations = [
  'relu',
  'sigmoid',
  'tanh',
  'elu',
  'selu',
  'relu6',
  'softplus',
  'softsign',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
  'hardSigmoid',
  'leakyRelu',
  'thresholdedRelu',
] as const;

export type ElementwiseActivation = (typeof elementwiseActivations)[number];
export type Activation = ElementwiseActivation | 'linear' | 'softmax';
