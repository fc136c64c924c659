/**
 * The maximum of some values of one shape, element by element, and where its gradient goes: max pooling over values that hold one
 * position of every window each.
 *
 * A tournament of pairs. The gradient goes back along it: to the later side where that is strictly greater, else to the
 * earlier one. So it reaches the first of those that attain the maximum, as in TensorFlow: flat regions (a black
 * background) tie all the time.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import { isPositive } from '../graph/activations.ts';

/** The maximum of some values in order: of one, or of two halves. */
export interface Round {
  readonly value: Value;
  readonly halves?: {
    readonly earlier: Round;
    readonly later: Round;
    /** 1 where `later` is strictly greater than `earlier`, else 0. */
    readonly laterWins: Value;
  };
}

/** @param values at least one */
export function tournament(g: GraphBuilder, values: readonly Value[]): Round {
  const [only] = values;
  if (!only) throw new Error('a tournament has at least one contestant');
  if (values.length === 1) return { value: only };
  const middle = values.length >> 1;
  const earlier = tournament(g, values.slice(0, middle));
  const later = tournament(g, values.slice(middle));
  // A difference is positive exactly where the minuend is greater. `Greater` and `Cast` take twice as long.
  const laterWins = isPositive(g, g.op('Sub', [later.value, earlier.value]));
  return {
    value: g.op('Max', [earlier.value, later.value]),
    halves: { earlier, later, laterWins },
  };
}

/** The gradient by each of the values, in their order, from that by the maximum. */
export function distribute(g: GraphBuilder, { halves }: Round, gradient: Value): readonly Value[] {
  if (!halves) return [gradient];
  const toLater = g.op('Mul', [gradient, halves.laterWins]);
  const toEarlier = g.op('Sub', [gradient, toLater]);
  return [...distribute(g, halves.earlier, toEarlier), ...distribute(g, halves.later, toLater)];
}
