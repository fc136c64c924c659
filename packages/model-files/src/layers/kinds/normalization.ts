/** Normalization over the channels. */
import type { Value } from '@fashion-bench/onnx';
import { z } from 'zod';
import { layerKind } from '../layer-kind.ts';
import { settings } from '../settings.ts';
import { initializer } from '../serialized.ts';
import { checkLastAxis, type Shape, type WeightShape } from '../shapes.ts';
import { BETA, GAMMA } from './weighted.ts';

const normalized = {
  /** Keras 2 and TensorFlow.js may write a list of one. */
  axis: z
    .union([z.number().int(), z.tuple([z.number().int()]).transform(([axis]) => axis)])
    .default(-1),
  epsilon: z.number().nonnegative().default(0.001),
  center: z.boolean().default(true),
  scale: z.boolean().default(true),
  ...BETA,
  ...GAMMA,
};

interface Scaled {
  readonly axis: number;
  readonly center: boolean;
  readonly scale: boolean;
}

function output({ axis }: Scaled, input: Shape, at: string): Shape {
  checkLastAxis(axis, input, at, 'normalizes');
  return input;
}

function weights({ scale, center }: Scaled, input: Shape): readonly WeightShape[] {
  const names = [...(scale ? ['gamma'] : []), ...(center ? ['beta'] : [])];
  return names.map((name) => ({ name, shape: input.slice(-1) }));
}

/** gamma (x - mean) / sqrt(variance + epsilon) + beta = x * scale + shift, both computed in float64. */
export const batchNormalization = layerKind(
  settings({
    ...normalized,
    momentum: z.number().default(0.99),
    moving_mean_initializer: initializer('Zeros'),
    moving_variance_initializer: initializer('Ones'),
  }),
  {
    output,
    weights: (config, input) => [
      ...weights(config, input),
      ...['moving_mean', 'moving_variance'].map((name) => ({ name, shape: input.slice(-1) })),
    ],
    lower: (l, { epsilon }) => {
      const [gamma, beta, mean] = [l.data('gamma'), l.data('beta'), l.data('moving_mean')];
      const scale = Float64Array.from(
        l.data('moving_variance') ?? [],
        (variance, i) => (gamma?.[i] ?? 1) / Math.sqrt(variance + epsilon),
      );
      const shift = scale.map((factor, i) => (beta?.[i] ?? 0) - (mean?.[i] ?? 0) * factor);
      return l.overChannels(
        'Add',
        l.overChannels('Mul', l.feature, 'scale', scale),
        'shift',
        shift,
      );
    },
  },
);

/** Over the channels of each pixel (Ba, Kiros and Hinton 2016, "Layer Normalization", equation 3). */
export const layerNormalization = layerKind(settings(normalized), {
  output,
  weights,
  work: () => 8,
  lower: (l, { epsilon, scale, center }) => {
    const { g } = l;
    const mean = (x: Value): Value => g.op('ReduceMean', [x, g.ints([-1])], { keepdims: 1 });
    const x = l.last();
    const centred = g.op('Sub', [x, mean(x)]);
    const variance = mean(g.op('Mul', [centred, centred]));
    const deviation = g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon)])]);
    const h = g.op('Div', [centred, deviation]);
    const scaled = scale ? g.op('Mul', [h, l.weight('gamma')]) : h;
    return { value: center ? g.op('Add', [scaled, l.weight('beta')]) : scaled, layout: 'last' };
  },
});
