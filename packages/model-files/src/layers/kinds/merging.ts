/** Layers that make one value of several. */
import type { Value } from '@fashion-bench/onnx';
import { z } from 'zod';
import { ModelFileError } from '../../errors.ts';
import type { Lowering } from '../../onnx/lowering.ts';
import { layerKind } from '../layer-kind.ts';
import { settings } from '../settings.ts';
import { checkLastAxis, type Shape } from '../shapes.ts';

/** @throws ModelFileError 'unsupported' where shapes differ, which Keras would broadcast. */
function sameShapes([first = [], ...others]: readonly Shape[], at: string): Shape {
  const other = others.find((shape) => shape.join() !== first.join());
  if (!other) return first;
  throw new ModelFileError(
    'unsupported',
    `${at} takes shapes that differ, [${first.join(', ')}] and [${other.join(', ')}].`,
  );
}

const elementwise = (merge: (l: Lowering, values: readonly Value[]) => Value) =>
  layerKind(settings({}), {
    merged: (_, inputs, at) => sameShapes(inputs, at),
    lower: (l) => {
      const { values, layout } = l.all();
      return { value: merge(l, values), layout };
    },
  });

const sum = ({ g }: Lowering, values: readonly Value[]): Value => g.op('Sum', values);

export const add = elementwise(sum);
export const average = elementwise((l, values) =>
  l.g.op('Div', [sum(l, values), l.g.scalar(values.length)]),
);
export const multiply = elementwise(({ g }, values) =>
  values.reduce((product, value) => g.op('Mul', [product, value])),
);
export const maximum = elementwise(({ g }, values) => g.op('Max', values));
export const minimum = elementwise(({ g }, values) => g.op('Min', values));

export const concatenate = layerKind(settings({ axis: z.number().int().default(-1) }), {
  merged: ({ axis }, inputs, at) => {
    const [first = []] = inputs;
    checkLastAxis(axis, first, at, 'joins');
    const pixels = sameShapes(
      inputs.map((shape) => shape.slice(0, -1)),
      at,
    );
    return [...pixels, inputs.reduce((channels, shape) => channels + (shape.at(-1) ?? 0), 0)];
  },
  lower: (l) => {
    const { values, layout } = l.all();
    const axis = layout === 'first' && values[0]?.shape.length === 4 ? 1 : -1;
    return { value: l.g.op('Concat', values, { axis }), layout };
  },
});
