/**
 * Dropout masks as tensors. On the CPU they are the arrays that every engine drops by (dropout-masks.ts), so that results
 * can be compared; a GPU would wait for them to be uploaded (7 MB for a step of 128 images), and draws its own.
 */
import { attribute as a, type Tensorflow, type TensorId } from '@fashion-bench/tensorflow';

import { DropoutMask } from '../trainer/dropout-masks.ts';
import { type DropoutSpec, featureCount } from '../network/network.ts';

export interface Masks {
  /** The mask of one dropout layer for one step, [size, …]: 0, or 1 / (1 - rate). It belongs to the current scope. */
  draw(step: number, size: number): readonly TensorId[];
}

/** A dropout layer, and whether it sees rows [n, units] instead of images. */
export interface DropoutPlace {
  readonly layer: DropoutSpec;
  readonly flat: boolean;
}

function shapeOf({ layer: { input }, flat }: DropoutPlace, size: number): number[] {
  return [size, ...(flat ? [] : [input.rows, input.columns]), input.channels];
}

/** The seeded streams that all engines share. */
export function streamMasks(
  tf: Tensorflow,
  places: readonly DropoutPlace[],
  batchSize: number,
  seed: number,
): Masks {
  const masks = places.map(
    ({ layer }) => new DropoutMask(batchSize * featureCount(layer.input), layer.rate),
  );
  return {
    draw: (step, size) =>
      places.map((place, i) => {
        const mask = masks[i];
        mask?.draw(seed, i, step);
        const values = mask?.values.subarray(0, size * featureCount(place.layer.input));
        return tf.tensor(values ?? new Float32Array(0), shapeOf(place, size));
      }),
  };
}

/** Odd, so that layers have different keys: 2^32 divided by the golden ratio. */
const LAYER_KEY = 0x9e3779b1;

/**
 * Drawn on the device by StatelessRandomUniform, whose numbers are a function of two keys: here (seed, layer) and step.
 * An element stays where its number is at least the rate.
 */
export function deviceMasks(tf: Tensorflow, places: readonly DropoutPlace[], seed: number): Masks {
  const T = a.type('float32');
  const uniform = tf.operation('StatelessRandomUniform', {
    dtype: T,
    T: a.type('int32'),
    Tseed: a.type('int32'),
  });
  const atLeast = tf.operation('GreaterEqual', { T });
  const toFloat = tf.operation('Cast', { SrcT: a.type('bool'), DstT: T, Truncate: a.bool(false) });
  const multiply = tf.operation('Mul', { T });
  return {
    draw: (step, size) =>
      places.map((place, i) => {
        const { rate } = place.layer;
        const dimensions = Int32Array.from(shapeOf(place, size));
        const key = Int32Array.of(seed ^ Math.imul(i + 1, LAYER_KEY), step);
        const numbers = uniform(tf.tensor(dimensions, [dimensions.length]), tf.tensor(key, [2]));
        const stays = atLeast(numbers, tf.tensor(Float32Array.of(rate), []));
        return multiply(toFloat(stays), tf.tensor(Float32Array.of(1 / (1 - rate)), []));
      }),
  };
}
