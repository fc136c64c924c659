/** Functions that are applied number by number, as Keras and TensorFlow.js define them, in ONNX. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { ActivationName } from '../layers/serialized.ts';

type Apply = (g: GraphBuilder, x: Value) => Value;
type Elementwise = Exclude<ActivationName, 'linear' | 'softmax'>;

export const ACTIVATIONS: Readonly<Record<Elementwise, Apply>> = {
  relu: (g, x) => g.op('Relu', [x]),
  relu6: (g, x) => g.op('Clip', [x, g.scalar(0), g.scalar(6)]),
  sigmoid: (g, x) => g.op('Sigmoid', [x]),
  tanh: (g, x) => g.op('Tanh', [x]),
  elu: (g, x) => g.op('Elu', [x]),
  selu: (g, x) => g.op('Selu', [x]),
  softplus: (g, x) => g.op('Softplus', [x]),
  softsign: (g, x) => g.op('Softsign', [x]),
  // x sigmoid(x); Keras 3 calls it silu.
  swish: (g, x) => g.op('Mul', [x, g.op('Sigmoid', [x])]),
  // x tanh(softplus(x))
  mish: (g, x) => g.op('Mul', [x, g.op('Tanh', [g.op('Softplus', [x])])]),
  // x (1 + erf(x / sqrt 2)) / 2
  gelu: (g, x) => {
    const erf = g.op('Erf', [g.op('Mul', [x, g.scalar(Math.SQRT1_2)])]);
    const half = g.op('Mul', [g.op('Add', [erf, g.scalar(1)]), g.scalar(0.5)]);
    return g.op('Mul', [x, half]);
  },
};
