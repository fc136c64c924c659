/** Which layer takes the values of which, and how values run through them. A value's number: `sources` in network.ts. */
import type { LayerSpec } from './network.ts';

/** The values that the layer at `index` (from 0) takes. */
export function sourcesOf({ sources }: LayerSpec, index: number): readonly number[] {
  return sources ?? [index];
}

/** Whether the layer at `index` gives its value to the next one alone. */
export function feedsOnlyNext(layers: readonly LayerSpec[], index: number): boolean {
  const value = index + 1;
  return layers.every((layer, i) => sourcesOf(layer, i).includes(value) === (i === value));
}

/**
 * Runs the input through all layers.
 * @param apply gives the output of a layer, from the first of the values that it takes, and from all of them
 * @returns the output of the last layer
 */
export function runLayers<V>(
  layers: readonly LayerSpec[],
  input: V,
  apply: (layer: LayerSpec, x: V, all: readonly V[]) => V,
): V {
  const values = [input];
  layers.forEach((layer, i) => {
    const all = sourcesOf(layer, i).map((value) => values[value] ?? input);
    values.push(apply(layer, all[0] ?? input, all));
  });
  return values.at(-1) ?? input;
}
