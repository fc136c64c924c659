/**
 * The graphs of a network: prediction, gradients, and the training step (gradients and optimizer).
 * All take the weights as an input, so that one session serves the whole training.
 */
import { GraphBuilder, type OnnxModel, type Value } from '@fashion-bench/onnx';
import type { DropoutSpec, NetworkSpec, WeightSpec } from '../network.ts';
import type { OptimizerConfig } from '../optimizer.ts';
import { Feature } from './feature.ts';
import type { LoweringContext } from './lowering.ts';
import { applyOptimizer, slotCount } from './optimizer-graph.ts';
import { lowerNetwork } from './plan.ts';

/** Element type of the images, and what they are multiplied with on their way in (1/255 for pixels). */
export interface ImageInput {
  readonly dtype: 'uint8' | 'float32';
  readonly scale: number;
}

export interface GraphOptions {
  readonly batch: number;
  readonly images: ImageInput;
  /** Channel block of the blocked layout (block-size.ts); 1 for none. */
  readonly block: number;
  /** False for the plain graph. Default true. */
  readonly rewrites?: boolean;
}

/** Name of the input that takes the mask of the i-th dropout layer. */
export function maskInput(index: number): string {
  return `mask${index}`;
}

/** Dropout layers in order; the i-th takes `maskInput(i)`. */
export function dropoutLayers(network: NetworkSpec): readonly DropoutSpec[] {
  return network.layers.filter((layer) => layer.kind === 'dropout');
}

/**
 * Inputs: `weights` [parameters], `images` [n, rows, columns, channels].
 * Output: `probabilities` [n, classes].
 */
export function predictionGraph(network: NetworkSpec, options: GraphOptions): OnnxModel {
  const g = new GraphBuilder('prediction');
  const weights = g.input('weights', 'float32', [network.parameters]);
  const { logits } = forward(g, network, options, weights, false);
  g.output('probabilities', g.op('Softmax', [logits], { axis: -1 }));
  return g.build();
}

/**
 * Inputs: `weights`, `images`, `labels` uint8 [n], one `mask<i>` [n, rows, columns, channels] per dropout layer.
 * Outputs: `gradients` [parameters], `loss` [] (mean), `correct` [] (count).
 */
export function gradientGraph(network: NetworkSpec, options: GraphOptions): OnnxModel {
  const g = new GraphBuilder('gradients');
  const weights = g.input('weights', 'float32', [network.parameters]);
  g.output('gradients', lossAndGradients(g, network, options, weights));
  return g.build();
}

/**
 * Inputs as `gradientGraph`, and `rate` [], `slot<i>` [parameters].
 * Outputs: `newWeights`, `newSlot<i>`, `loss`, `correct`.
 */
export function trainingGraph(
  network: NetworkSpec,
  options: GraphOptions,
  optimizer: OptimizerConfig,
): OnnxModel {
  const g = new GraphBuilder('training step');
  const weights = g.input('weights', 'float32', [network.parameters]);
  const rate = g.input('rate', 'float32', []);
  const slots = Array.from({ length: slotCount(optimizer) }, (_, i) =>
    g.input(`slot${i}`, 'float32', [network.parameters]),
  );
  const gradients = lossAndGradients(g, network, options, weights);
  const updated = applyOptimizer(g, optimizer, weights, gradients, slots, rate);
  g.output('newWeights', updated.weights);
  updated.slots.forEach((slot, i) => {
    g.output(`newSlot${i}`, slot);
  });
  return g.build();
}

interface Forward {
  /** [n, classes] */
  readonly logits: Value;
  readonly gradients: Map<WeightSpec, Value>;
  readonly backward: (gradient: Value) => void;
}

function forward(
  g: GraphBuilder,
  network: NetworkSpec,
  options: GraphOptions,
  weights: Value,
  dropout: boolean,
): Forward {
  const { batch, block, images } = options;
  const { rows, columns, channels } = network.input;
  const pixels = g.input('images', images.dtype, [batch, rows, columns, channels]);
  const floats = g.cast(pixels, 'float32');
  const scaled = images.scale === 1 ? floats : g.op('Mul', [floats, g.scalar(images.scale)]);
  const tensors = splitWeights(g, network, weights);
  const gradients = new Map<WeightSpec, Value>();
  const masks = dropoutLayers(network);
  const context: LoweringContext = {
    g,
    batch,
    block,
    weight: (spec) => lookUp(tensors, spec),
    gradient: (spec, value) => gradients.set(spec, g.reshape(value, [spec.size])),
    dropoutMask: (spec) => {
      const { rows: r, columns: c, channels: ch } = spec.input;
      return dropout
        ? g.input(maskInput(masks.indexOf(spec)), 'float32', [batch, r, c, ch])
        : undefined;
    },
  };
  const input = new Feature(g, batch, network.input, 'nhwc', scaled);
  const { logits, steps } = lowerNetwork(context, network.layers, input, options.rewrites ?? true);
  return {
    logits: logits.matrix(),
    gradients,
    backward(gradient) {
      let flowing: Feature | undefined = logits.derive(
        'nhwc',
        g.reshape(gradient, [batch, 1, 1, network.classes]),
      );
      for (const step of steps.toReversed()) flowing = flowing && step.backward(flowing);
    },
  };
}

function lookUp(tensors: ReadonlyMap<WeightSpec, Value>, spec: WeightSpec): Value {
  const value = tensors.get(spec);
  if (!value) throw new Error(`no weight tensor "${spec.name}"`);
  return value;
}

function splitWeights(
  g: GraphBuilder,
  network: NetworkSpec,
  weights: Value,
): Map<WeightSpec, Value> {
  const sizes = network.weights.map((spec) => spec.size);
  const parts = g.ops('Split', [weights, g.ints(sizes)], { axis: 0 }, sizes.length);
  return new Map(
    network.weights.map((spec, i) => {
      const part = parts[i];
      if (!part) throw new Error('Split gave too few parts');
      return [spec, g.reshape(part, spec.shape)];
    }),
  );
}

/** Softmax cross-entropy, mean over the batch: loss = -mean log p[label], its gradient (p - onehot) / n. */
function lossAndGradients(
  g: GraphBuilder,
  network: NetworkSpec,
  options: GraphOptions,
  weights: Value,
): Value {
  const { batch } = options;
  const { logits, gradients, backward } = forward(g, network, options, weights, true);
  const labels = g.cast(g.input('labels', 'uint8', [batch]), 'int32');
  const classes = g.constant(
    'int32',
    [1, network.classes],
    Int32Array.from({ length: network.classes }, (_, i) => i),
  );
  const oneHot = g.cast(g.op('Equal', [g.reshape(labels, [batch, 1]), classes]), 'float32'); // [n, classes]
  const logProbabilities = g.op('LogSoftmax', [logits], { axis: -1 });
  const ofLabel = g.reduceSum(g.op('Mul', [oneHot, logProbabilities]), [0, 1]);
  g.output('loss', g.op('Mul', [ofLabel, g.scalar(-1 / batch)]));
  // Right where the label's logit is the largest; among equals the first class wins, as argmax has it.
  const predicted = g.cast(g.op('ArgMax', [logits], { axis: 1, keepdims: 0 }), 'int32');
  g.output('correct', g.reduceSum(g.cast(g.op('Equal', [predicted, labels]), 'float32'), [0]));
  const error = g.op('Sub', [g.op('Exp', [logProbabilities]), oneHot]);
  backward(g.op('Mul', [error, g.scalar(1 / batch)]));
  const ordered = network.weights.map((spec) => lookUp(gradients, spec));
  return g.op('Concat', ordered, { axis: 0 });
}
