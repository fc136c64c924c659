/**
 * Initial weights from this project's own seeded streams. TensorFlow.js' initializers draw from Math.random, or, with
 * a seed, give every layer of the same size the same numbers.
 */
import { randomStream } from '@fashion-bench/random';
import { checkNetwork, type NetworkSpec } from '@fashion-bench/training';

/**
 * Glorot uniform: kernels from U(-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)), biases 0 (Glorot and Bengio
 * 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 16). The fans of a
 * convolution are its channels times the area of its kernel. Weight i draws from the stream (seed,
 * 'glorot-uniform', i), so that it does not depend on the weights before it. Batch normalization begins as Keras' does: gamma and
 * moving variance 1, beta and moving mean 0.
 *
 * @param seed integer in 0..2^32-1.
 * @returns float32 [parameters], in the order of `network.weights`.
 * @throws TrainingError for what is no network, InvalidSeedError of \@fashion-bench/random.
 */
export function glorotUniform(network: NetworkSpec, seed: number): Float32Array {
  checkNetwork(network);
  const flat = new Float32Array(network.parameters);
  const ones = new Set(
    network.layers.flatMap((layer) =>
      layer.kind === 'batchNormalization' ? [layer.gamma?.offset, layer.movingVariance.offset] : [],
    ),
  );
  network.weights.forEach(({ shape, offset, size }, i) => {
    const stream = randomStream(seed, 'glorot-uniform', i);
    if (ones.has(offset)) flat.fill(1, offset, offset + size);
    if (shape.length < 2) return; // a bias, or of batch normalization
    const limit = glorotLimit(shape);
    for (let j = 0; j < size; j++) flat[offset + j] = stream.uniform(-limit, limit);
  });
  return flat;
}

/** @param shape of a kernel, [..., in, out]: [height, width, in, out] or [in, out]. */
function glorotLimit(shape: readonly number[]): number {
  const [channelsIn = 1, channelsOut = 1] = shape.slice(-2);
  const area = shape.slice(0, -2).reduce((product, size) => product * size, 1);
  return Math.sqrt(6 / (area * (channelsIn + channelsOut)));
}
