/**
 * The graphs of a network: prediction, gradients, and training (gradients and optimizer, several steps in a row).
 * All take the weights as inputs, so that one session serves the whole training.
 *
 * Weights and the optimizer's slots come in groups (weight-groups.ts), `weights.<group>` and `slot<i>.<group>`: views of the
 * flat vectors that the caller holds.
 */
import { GraphBuilder, type OnnxModel, type Value } from '@fashion-bench/onnx';
import type { NetworkSpec, WeightSpec } from '../network/network.ts';
import type { GroupedNetwork } from './weight-groups.ts';
import { slotCount, stepInputs, type OptimizerConfig } from '../trainer/optimizer.ts';
import { dropoutLayers, ofGroup, ofStep, type GraphOptions } from '../graph/graph-options.ts';
import { applyOptimizer, clipped } from '../graph/optimizer.ts';
import { losses } from './loss.ts';
import { lossAndGradients, networkForward, type WeightTensors } from './network-graph.ts';
import type { MaskLayout } from '../graph/lowering.ts';

/** A graph that takes dropout masks, and the order in which it wants the elements of each. */
export interface MaskedGraph {
  readonly model: OnnxModel;
  readonly masks: readonly MaskLayout[];
}

/**
 * Inputs: `weights.<group>`, `images.0` [n, rows, columns, channels].
 * Output: `probabilities` [n, classes].
 */
export function predictionGraph(network: GroupedNetwork, options: GraphOptions): OnnxModel {
  const g = new GraphBuilder('prediction');
  const { tensors } = weightInputs(g, network);
  const { logits } = networkForward(g, network, options, tensors, 0, undefined);
  g.output('probabilities', losses[network.loss].probabilities(g, logits));
  return g.build();
}

/**
 * Inputs: `weights.<group>`, `images.0`, `labels.0` uint8 [n] or `targets.0` [n, classes], one `mask<i>.0` per dropout layer with n times its elements.
 * Outputs: `gradients` [parameters], `loss.0` [] (mean), `correct.0` [] (count).
 */
export function gradientGraph(network: GroupedNetwork, options: GraphOptions): MaskedGraph {
  const g = new GraphBuilder('gradients');
  const masks = newMasks(network);
  const { tensors } = weightInputs(g, network);
  const { gradients } = lossAndGradients(g, network, options, tensors, 0, masks);
  g.output('gradients', joined(g, network.weights, withZeros(g, network, gradients)));
  return { model: g.build(), masks };
}

/**
 * Inputs: for each step those of `gradientGraph`, `rate.<step>` [] and the others of `stepInputs`; `weights.<group>`, `slot<i>.<group>`.
 * Outputs: `newWeights.<group>`, `newSlot<i>.<group>` after the last step; `loss.<step>`, `correct.<step>`.
 */
export function trainingGraph(
  network: GroupedNetwork,
  options: GraphOptions,
  optimizer: OptimizerConfig,
  steps: number,
): MaskedGraph {
  const g = new GraphBuilder('training');
  const masks = newMasks(network);
  const { groups } = network;
  let { tensors, flat } = weightInputs(g, network);
  let slots = groups.map(({ size, trainable }, group) =>
    Array.from({ length: trainable ? slotCount(optimizer) : 0 }, (_, i) =>
      g.input(ofGroup(`slot${i}`, group), 'float32', [size]),
    ),
  );
  for (let step = 0; step < steps; step++) {
    const made = lossAndGradients(g, network, options, tensors, step, masks);
    const gradients = clipped(g, optimizer, made.gradients);
    const values = Object.fromEntries(
      stepInputs(optimizer).map((name) => [name, g.input(ofStep(name, step), 'float32', [])]),
    );
    const updated = groups.map(({ weights, trainable }, group) => {
      if (!trainable)
        return { weights: joined(g, weights, new Map([...tensors, ...made.moved])), slots: [] };
      const [own, state] = [flat[group], slots[group]];
      if (!own || !state) throw new Error('a group has no weights');
      const flatGradients = joined(g, weights, gradients);
      return applyOptimizer(g, optimizer, {
        ...{ weights: own, gradients: flatGradients, slots: state, values, specs: weights },
      });
    });
    flat = updated.map(({ weights }) => weights);
    slots = updated.map((group) => [...group.slots]);
    tensors = splitGroups(g, network, flat);
  }
  flat.forEach((value, group) => {
    g.output(ofGroup('newWeights', group), value);
    slots[group]?.forEach((slot, i) => {
      g.output(ofGroup(`newSlot${i}`, group), slot);
    });
  });
  return { model: g.build(), masks };
}

function newMasks(network: NetworkSpec): MaskLayout[] {
  return dropoutLayers(network).map(() => 'nhwc');
}

/** Zeros in the places of weights that have no gradient. */
function withZeros(
  g: GraphBuilder,
  { weights }: NetworkSpec,
  gradients: WeightTensors,
): WeightTensors {
  const zeros = weights.filter(({ trainable }) => trainable === false);
  const constant = ({ size }: WeightSpec): Value =>
    g.constant('float32', [size], new Float32Array(size));
  return new Map([...gradients, ...zeros.map((spec) => [spec, constant(spec)] as const)]);
}

/** The gradients (or values) of some weight tensors as one vector. */
function joined(g: GraphBuilder, weights: readonly WeightSpec[], gradients: WeightTensors): Value {
  const parts = weights.map((spec) => {
    const gradient = gradients.get(spec);
    if (!gradient) throw new Error(`nothing for "${spec.name}"`);
    return g.reshape(gradient, [spec.size]);
  });
  const [first] = parts;
  return parts.length === 1 && first ? first : g.op('Concat', parts, { axis: 0 });
}

function weightInputs(
  g: GraphBuilder,
  network: GroupedNetwork,
): { flat: readonly Value[]; tensors: WeightTensors } {
  const flat = network.groups.map(({ size }, group) =>
    g.input(ofGroup('weights', group), 'float32', [size]),
  );
  return { flat, tensors: splitGroups(g, network, flat) };
}

function splitGroups(
  g: GraphBuilder,
  network: GroupedNetwork,
  flat: readonly Value[],
): WeightTensors {
  const tensors = new Map<WeightSpec, Value>();
  network.groups.forEach(({ weights }, group) => {
    const vector = flat[group];
    if (!vector) throw new Error('a group has no weights');
    const sizes = weights.map(({ size }) => size);
    const parts =
      sizes.length === 1
        ? [vector]
        : g.ops('Split', [vector, g.ints(sizes)], { axis: 0 }, sizes.length);
    weights.forEach((spec, i) => {
      const part = parts[i];
      if (!part) throw new Error('Split gave too few parts');
      tensors.set(spec, g.reshape(part, spec.shape));
    });
  });
  return tensors;
}
