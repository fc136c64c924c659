/**
 * The chain rule, once for every engine that has no automatic differentiation: each layer gives its output and the function
 * that takes the gradient back, and these functions are called in reverse order (as in micrograd).
 */

/** What a layer has made of its input. `V` is a feature of a graph, or a tensor of an engine. */
export interface Differentiable<V> {
  readonly output: V;
  /**
   * Takes the gradient of the loss by `output`, and hands on those by the layer's weights.
   * @returns the gradient by the input; undefined where nothing before the layer is trained
   */
  readonly backward: (gradient: V) => V | undefined;
}

/** Takes the gradient of the loss by the last output back through all layers, given first to last. */
export function backpropagate<V>(layers: readonly Differentiable<V>[], gradient: V): void {
  let flowing: V | undefined = gradient;
  for (const layer of layers.toReversed()) {
    if (flowing === undefined) return;
    flowing = layer.backward(flowing);
  }
}
