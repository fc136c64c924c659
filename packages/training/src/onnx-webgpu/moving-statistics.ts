/** What the optimizer, which works on one flat vector here, must be told about weights that are not trained. */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';

/** In the place of a gradient: weight and moments stay as they are. [size] */
export function zerosFor(g: GraphBuilder, { size }: WeightSpec): Value {
  return g.constant('float32', [size], new Float32Array(size));
}

/** The flat weights with moving statistics put in. [parameters] */
export function withMoved(
  g: GraphBuilder,
  { weights: specs, parameters }: NetworkSpec,
  weights: Value,
  moved: ReadonlyMap<WeightSpec, Value>,
): Value {
  if (moved.size === 0) return weights;
  const parts: Value[] = [];
  let kept = 0;
  const keepUpTo = (offset: number): void => {
    if (offset > kept) parts.push(g.slice(weights, 0, kept, offset));
  };
  for (const spec of specs) {
    const value = moved.get(spec);
    if (!value) continue;
    keepUpTo(spec.offset);
    parts.push(value);
    kept = spec.offset + spec.size;
  }
  keepUpTo(parameters);
  return g.op('Concat', parts, { axis: 0 });
}
