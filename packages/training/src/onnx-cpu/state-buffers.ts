/**
 * Weights and slots of the optimizer as flat vectors, with views of each group of weights as the graphs take them.
 * onnxruntime reads them in place and writes results in place.
 */
import type { TensorValue } from '@fashion-bench/onnx';
import { ofGroup } from '../graph/graph-options.ts';
import type { GroupedNetwork, WeightGroup } from './weight-groups.ts';

export class StateBuffers {
  readonly weights: Float32Array;
  readonly slots: readonly Float32Array[];
  readonly #groups: readonly WeightGroup[];

  constructor({ groups, parameters }: GroupedNetwork, slots: number) {
    this.#groups = groups;
    this.weights = new Float32Array(parameters);
    this.slots = Array.from({ length: slots }, () => new Float32Array(parameters));
  }

  /** `weights.<group>` (or under another name): what every graph takes. */
  weightTensors(name = 'weights'): Record<string, TensorValue> {
    return this.#views(name, this.weights);
  }

  /** Weights and slots under the names of a training graph's inputs or outputs. */
  tensors(names: 'inputs' | 'outputs'): Record<string, TensorValue> {
    const [weights, slot] = names === 'inputs' ? ['weights', 'slot'] : ['newWeights', 'newSlot'];
    const all = this.weightTensors(weights);
    const trained = this.#groups.map(({ trainable }) => trainable);
    this.slots.forEach((vector, i) => {
      const views = this.#views(`${slot}${i}`, vector);
      trained.forEach((has, group) => {
        const name = ofGroup(`${slot}${i}`, group);
        const view = views[name];
        if (has && view) all[name] = view;
      });
    });
    return all;
  }

  #views(name: string, vector: Float32Array): Record<string, TensorValue> {
    return Object.fromEntries(
      this.#groups.map(({ offset, size }, group) => [
        ofGroup(name, group),
        { dtype: 'float32', shape: [size], data: vector.subarray(offset, offset + size) },
      ]),
    );
  }
}
