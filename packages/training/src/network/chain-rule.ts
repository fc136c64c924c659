/**
 * The chain rule, once for every engine that has no automatic differentiation: each layer gives its output and the function
 * that takes the gradient back, and these functions are called in reverse order (as in micrograd). What a value gets from several layers is added.
 */

/** Gradients by what a layer takes: by its one input, or by each of several; undefined where nothing before it is trained. */
export type Gradients<V> = V | undefined | readonly (V | undefined)[];

/** What a layer has made of its input. `V` is a feature of a graph, or a tensor of an engine. */
export interface Differentiable<V> {
  readonly output: V;
  /** Takes the gradient of the loss by `output`, and hands on those by the layer's weights. */
  readonly backward: (gradient: V) => Gradients<V>;
}

/** A layer with its place: the numbers of the values that it takes and gives. */
export interface Step<V> extends Differentiable<V> {
  readonly from: readonly number[];
  readonly to: number;
}

/**
 * Takes the gradient of the loss by the last value back through all steps, given first to last.
 * @param add two gradients by the same value
 */
export function backpropagate<V>(
  steps: readonly Step<V>[],
  gradient: V,
  add: (a: V, b: V) => V,
): void {
  const gradients = new Map<number, V>();
  const take = (value: number, given: V | undefined): void => {
    if (given === undefined) return;
    const before = gradients.get(value);
    gradients.set(value, before === undefined ? given : add(before, given));
  };
  take(steps.at(-1)?.to ?? 0, gradient);
  for (const { from, to, backward } of steps.toReversed()) {
    const own = gradients.get(to);
    if (own === undefined) continue;
    const given = backward(own);
    const each = isSeveral(given) ? given : [given];
    from.forEach((value, i) => {
      take(value, each[i]);
    });
  }
}

function isSeveral<V>(given: Gradients<V>): given is readonly (V | undefined)[] {
  return Array.isArray(given);
}
