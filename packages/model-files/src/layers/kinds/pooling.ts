/** Pooling over windows, and over the whole image. */
import { z } from 'zod';
import type { Lowering } from '../../onnx/lowering.ts';
import { layerKind } from '../layer-kind.ts';
import { channelsLast, pair, settings } from '../settings.ts';
import { checkImages, elements, padsOf, windowsIn, type Windows } from '../shapes.ts';

const schema = settings({
  pool_size: pair,
  strides: pair.optional(),
  padding: z.enum(['valid', 'same']).default('valid'),
  data_format: channelsLast,
});

function windowsOf({ pool_size: kernel, strides, padding }: z.infer<typeof schema>): Windows {
  return { kernel, strides: strides ?? kernel, dilations: [1, 1], padding };
}

function pooling(operator: 'MaxPool' | 'AveragePool') {
  return layerKind(schema, {
    output: (config, input, at) => {
      checkImages(input, at);
      return [...windowsIn(input, windowsOf(config)), input.at(-1) ?? 0];
    },
    work: ({ pool_size }) => elements(pool_size),
    lower: (l, config) => {
      const { kernel: kernel_shape, strides } = windowsOf(config);
      const windows = { kernel_shape, strides, pads: padsOf(l.input, windowsOf(config)) };
      // TensorFlow's mean is over the pixels of the image alone, as ONNX' is by default.
      return { value: l.g.op(operator, [l.first()], windows), layout: 'first' };
    },
  });
}

function globalPooling(operator: 'ReduceMax' | 'ReduceMean') {
  return layerKind(settings({ data_format: channelsLast }), {
    output: (_, input, at) => {
      checkImages(input, at);
      return input.slice(-1);
    },
    work: (_, input) => elements(input.slice(0, -1)),
    lower: (l: Lowering) => {
      const { value, layout } = l.feature;
      const axes = l.g.ints(layout === 'first' ? [2, 3] : [1, 2]);
      return { value: l.g.op(operator, [value, axes], { keepdims: 0 }), layout: 'last' };
    },
  });
}

export const maxPooling2d = pooling('MaxPool');
export const averagePooling2d = pooling('AveragePool');
export const globalMaxPooling2d = globalPooling('ReduceMax');
export const globalAveragePooling2d = globalPooling('ReduceMean');
