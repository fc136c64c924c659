/** Layers that make one value of several: sums, products, means, and channels side by side. */
import type { Value } from '@fashion-bench/onnx';
import type { MergeOperation, MergeSpec } from '../network/network.ts';
import { commonLayout, type Feature, type Layout } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';

interface Inputs {
  readonly features: readonly Feature[];
  /** The features' values in `layout`. */
  readonly values: readonly [Value, ...Value[]];
  readonly layout: Layout;
}

/** y = a + b + ...: each input has the gradient of the sum. */
function lowerSum({ g }: LoweringContext, { features, values, layout }: Inputs): Lowered {
  const [first] = features as readonly [Feature, ...Feature[]];
  const sum = values.reduce((a, b) => g.op('Add', [a, b]));
  return { output: first.derive(layout, sum), backward: (dy) => features.map(() => dy) };
}

const RULES: Readonly<
  Record<MergeOperation, (context: LoweringContext, inputs: Inputs, layer: MergeSpec) => Lowered>
> = {
  add: lowerSum,
  average: (context, inputs) => {
    const { output, backward } = lowerSum(context, inputs);
    const share = 1 / inputs.values.length;
    return { output: output.times(share), backward: (dy) => backward(dy.times(share)) };
  },
  // Each input's gradient is dy times the product of the others.
  multiply: ({ g }, { features, values, layout }) => {
    const [first] = features as readonly [Feature, ...Feature[]];
    const product = (factors: readonly Value[]): Value =>
      factors.reduce((a, b) => g.op('Mul', [a, b]));
    return {
      output: first.derive(layout, product(values)),
      backward: (dy) =>
        values.map((_, i) => {
          const others = values.filter((_, other) => other !== i);
          return dy.map(layout, product([dy.raw(layout), ...others]));
        }),
    };
  },
  // In the blocked layout, too, an image is its blocks of channels one after the other.
  concatenate: ({ g }, { features, values, layout }, { output }) => {
    const axis = layout === 'nhwc' ? 3 : 1;
    const [first] = features as readonly [Feature, ...Feature[]];
    return {
      output: first.derive(layout, g.op('Concat', [...values], { axis }), output),
      backward: (dy) => {
        const channels = features.map(({ shape }) => shape.channels);
        const sizes = [dy.raw(layout), g.ints(channels)] as const;
        return g
          .ops('Split', [...sizes], { axis }, channels.length)
          .map((part, i) => dy.derive(layout, part, features[i]?.shape, dy.factor));
      },
    };
  },
};

export function lowerMerge(
  context: LoweringContext,
  layer: MergeSpec,
  _: Feature,
  __: boolean,
  features: readonly Feature[],
): Lowered {
  const layout = commonLayout(features, context.block);
  const [first, ...rest] = features.map((feature) => feature.as(layout));
  if (!first) throw new Error('a merging layer without inputs');
  return RULES[layer.operation](context, { features, values: [first, ...rest], layout }, layer);
}
