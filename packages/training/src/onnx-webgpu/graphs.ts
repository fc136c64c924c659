/**
 * The graphs of a network on a device: prediction, gradients, and several training steps in a row, each on the weights that the
 * one before has left. Only operators that the WebGPU provider has kernels for; no int64 but in constants.
 */
import { GraphBuilder, type OnnxModel, type Value } from '@fashion-bench/onnx';
import {
  featureCount,
  type DropoutSpec,
  type NetworkSpec,
  type WeightSpec,
} from '../network/network.ts';
import { Feature } from '../graph/feature.ts';
import { dropoutLayers, type ImageInput } from '../graph/graph-options.ts';
import { lowerLayers, type LoweringContext } from '../graph/lowering.ts';
import { applyOptimizer, clipped } from '../graph/optimizer.ts';
import { slotCount, stepInputs, type OptimizerConfig } from '../trainer/optimizer.ts';
import { plainLoss } from '../network/refused.ts';
import { reluAfterPooling } from '../network/rewrites.ts';
import { MaskGraph } from './dropout-hash.ts';
import { withMoved, zerosFor } from './moving-statistics.ts';
import { losses } from './loss.ts';
import { webgpuLowerings } from './lowerings.ts';

export interface DeviceGraphOptions {
  /** Images of a step. */
  readonly batch: number;
  readonly images: ImageInput;
  /** Whether dropout masks are made in the graph from a key, or fed (`mask<i>`). */
  readonly dropout: 'hashed' | 'fed';
}

/** Inputs: `weights` [parameters], `images` [n, pixels]. Output: `probabilities` [n, classes]. */
export function predictionGraph(network: NetworkSpec, options: DeviceGraphOptions): OnnxModel {
  const g = new GraphBuilder('prediction');
  const weights = g.input('weights', 'float32', [network.parameters]);
  const pixels = featureCount(network.input);
  const images = g.input('images', options.images.dtype, [options.batch, pixels]);
  const { logits } = forward(
    g,
    network,
    options.batch,
    weights,
    scaled(g, images, options),
    undefined,
  );
  g.output('probabilities', losses[plainLoss('onnx-webgpu', network)].probabilities(g, logits));
  return g.build();
}

/**
 * Inputs: `weights`, `set` [count, pixels], `labels` int32 [count], `indices` int32 [n], and `keys` uint32 [1] or
 * one `mask<i>` [n, rows, columns, channels] per dropout layer.
 * Outputs: `gradients` [parameters], `losses` [1] (mean), `correct` [1] (count).
 */
export function gradientGraph(network: NetworkSpec, options: DeviceGraphOptions): OnnxModel {
  const g = new GraphBuilder('gradients');
  const weights = g.input('weights', 'float32', [network.parameters]);
  const batches = gathered(g, network, options, 1);
  const { gradients, logits } = differentiate(g, network, options, weights, batches, 0);
  g.output('gradients', gradients);
  figures(g, network, options.batch, [logits], batches.oneHot);
  return g.build();
}

/**
 * `count` steps in a row. Inputs as `gradientGraph`, with `indices` [count * n] and `keys` [count] (fed masks allow one step
 * only), and `rates` [count], the others of `stepInputs`, `slot<i>` [parameters].
 * Outputs: `newWeights`, `newSlot<i>`, `losses` [count], `correct` [count].
 */
export function stepsGraph(
  network: NetworkSpec,
  options: DeviceGraphOptions,
  optimizer: OptimizerConfig,
  count: number,
): OnnxModel {
  const g = new GraphBuilder('training steps');
  let weights = g.input('weights', 'float32', [network.parameters]);
  let slots: readonly Value[] = Array.from({ length: slotCount(optimizer) }, (_, i) =>
    g.input(`slot${i}`, 'float32', [network.parameters]),
  );
  const ofSteps = stepInputs(optimizer).map(
    (name) => [name, g.input(`${name}s`, 'float32', [count])] as const,
  );
  const batches = gathered(g, network, options, count);
  const logits: Value[] = [];
  for (let step = 0; step < count; step++) {
    const made = differentiate(g, network, options, weights, batches, step, optimizer);
    logits.push(made.logits);
    const { gradients, moved } = made;
    const values = Object.fromEntries(
      ofSteps.map(([name, all]) => [name, g.slice(all, 0, step, step + 1)]),
    );
    const update = { weights, gradients, slots, values, specs: network.weights };
    ({ weights, slots } = applyOptimizer(g, optimizer, update));
    weights = withMoved(g, network, weights, moved);
  }
  g.output('newWeights', weights);
  slots.forEach((slot, i) => {
    g.output(`newSlot${i}`, slot);
  });
  figures(g, network, options.batch, logits, batches.oneHot);
  return g.build();
}

interface Batches {
  /** Scaled images of all steps, [steps * n, pixels]. */
  readonly images: Value;
  /** Their labels, [steps * n, classes]. */
  readonly oneHot: Value;
  /** The masks of a step. */
  readonly masks: (step: number) => ReadonlyMap<DropoutSpec, Value>;
}

/** The images and labels of all steps, taken from the set by index. */
function gathered(
  g: GraphBuilder,
  network: NetworkSpec,
  options: DeviceGraphOptions,
  steps: number,
): Batches {
  const { batch } = options;
  const pixels = featureCount(network.input);
  const set = g.input('set', options.images.dtype, ['count', pixels]);
  const labels = g.input('labels', 'int32', ['count']);
  const indices = g.input('indices', 'int32', [steps * batch]);
  const classes = g.constant(
    'int32',
    [1, network.classes],
    Int32Array.from({ length: network.classes }, (_, i) => i),
  );
  const chosen = g.reshape(g.op('Gather', [labels, indices], { axis: 0 }), [steps * batch, 1]);
  const images = scaled(g, g.op('Gather', [set, indices], { axis: 0 }), options);
  return {
    images,
    oneHot: g.cast(g.op('Equal', [chosen, classes]), 'float32'),
    masks: maskSource(g, network, options, steps),
  };
}

function maskSource(
  g: GraphBuilder,
  network: NetworkSpec,
  { batch, dropout }: DeviceGraphOptions,
  steps: number,
): Batches['masks'] {
  const layers = dropoutLayers(network);
  if (layers.length === 0) return () => new Map();
  if (dropout === 'fed') {
    const masks = new Map(
      layers.map((layer, i) => {
        const { rows, columns, channels } = layer.input;
        return [layer, g.input(`mask${i}`, 'float32', [batch, rows, columns, channels])];
      }),
    );
    return () => masks;
  }
  const keys = g.input('keys', 'uint32', [steps]);
  const maskGraph = new MaskGraph(g, layers, batch);
  // A Slice of integers has no kernel.
  return (step) =>
    maskGraph.masks(
      g.op('Gather', [keys, g.constant('int32', [1], Int32Array.of(step))], { axis: 0 }),
    );
}

function scaled(g: GraphBuilder, images: Value, options: DeviceGraphOptions): Value {
  const floats = images.dtype === 'float32' ? images : g.cast(images, 'float32');
  const { scale } = options.images;
  return scale === 1 ? floats : g.op('Mul', [floats, g.scalar(scale)]);
}

interface Forward {
  /** [n, classes] */
  readonly logits: Value;
  /** Moving statistics after the step. */
  readonly moved: ReadonlyMap<WeightSpec, Value>;
  /** Flat, in the order of the weights, 0 for those that are not trained; call it once. */
  readonly backward: (gradient: Value, optimizer: OptimizerConfig | undefined) => Value;
}

function forward(
  g: GraphBuilder,
  network: NetworkSpec,
  batch: number,
  weights: Value,
  images: Value,
  masks: ReadonlyMap<DropoutSpec, Value> | undefined,
): Forward {
  const { rows, columns, channels } = network.input;
  const gradients = new Map<WeightSpec, Value>();
  const moved = new Map<WeightSpec, Value>();
  const context: LoweringContext = {
    g,
    batch,
    block: 1,
    training: masks !== undefined,
    // Not a Split: from about ten parts on it runs out of storage buffers.
    weight: ({ offset, size, shape }) =>
      g.reshape(g.slice(weights, 0, offset, offset + size), shape),
    gradient: (spec, value) => gradients.set(spec, g.reshape(value, [spec.size])),
    moved: (spec, value) => moved.set(spec, value),
    dropoutMask: (spec) => masks?.get(spec),
  };
  const input = new Feature(
    ...([g, batch, network.input, 'nhwc'] as const),
    g.reshape(images, [batch, rows, columns, channels]),
  );
  const layers = reluAfterPooling(network.layers);
  const lowered = lowerLayers(context, layers, input, webgpuLowerings);
  return {
    logits: lowered.logits,
    moved,
    backward(gradient, optimizer) {
      lowered.backward(gradient);
      const limited = optimizer ? clipped(g, optimizer, gradients) : gradients;
      const ordered = network.weights.map((spec) => {
        const value = spec.trainable === false ? zerosFor(g, spec) : limited.get(spec);
        if (!value) throw new Error(`no gradient for "${spec.name}"`);
        return value;
      });
      return g.op('Concat', ordered, { axis: 0 });
    },
  };
}

/** Forward and backward of one step. @param optimizer whose limits the gradients keep; none where they are to be seen as they are */
function differentiate(
  g: GraphBuilder,
  network: NetworkSpec,
  { batch }: DeviceGraphOptions,
  weights: Value,
  { images, oneHot, masks }: Batches,
  step: number,
  optimizer?: OptimizerConfig,
): Pick<Forward, 'logits' | 'moved'> & { readonly gradients: Value } {
  const part = (value: Value): Value => g.slice(value, 0, step * batch, (step + 1) * batch);
  const dropped = masks(step);
  const { logits, moved, backward } = forward(
    ...([g, network, batch, weights, part(images), dropped] as const),
  );
  const gradient = losses[plainLoss('onnx-webgpu', network)].gradient(
    g,
    logits,
    () => part(oneHot),
    batch,
  );
  return { gradients: backward(gradient, optimizer), logits, moved };
}

/** Mean loss and number of right answers of every step, made at the end for all steps together. */
function figures(
  g: GraphBuilder,
  network: NetworkSpec,
  batch: number,
  logitsOfSteps: readonly Value[],
  oneHot: Value,
): void {
  const steps = logitsOfSteps.length;
  const { classes } = network;
  const [only] = logitsOfSteps;
  const logits = steps === 1 && only ? only : g.op('Concat', logitsOfSteps, { axis: 0 });
  const axis = g.ints([1]);
  const byStep = (value: Value): Value => g.reshape(value, [steps, batch]);
  const largest = g.op('ReduceMax', [logits, axis], { keepdims: 1 });
  const ofImages = byStep(
    losses[plainLoss('onnx-webgpu', network)].losses(g, logits, largest, oneHot),
  );
  g.output('losses', g.op('ReduceMean', [ofImages, axis], { keepdims: 0 }));
  // The first of the largest logits is the answer, as argmax has it (which gives int64 and so is of no use here).
  const rank = g.constant(
    'float32',
    [1, classes],
    Float32Array.from({ length: classes }, (_, i) => classes - i),
  );
  const weight = g.op('Where', [g.op('Equal', [logits, largest]), rank, g.scalar(0)]);
  const first = g.op('Equal', [weight, g.op('ReduceMax', [weight, axis], { keepdims: 1 })]);
  const right = g.reduceSum(g.op('Where', [first, oneHot, g.scalar(0)]), [1]);
  g.output('correct', g.reduceSum(byStep(right), [1]));
}
