import { types } from 'node:util';
import { UnsupportedModelError } from '../errors.ts';
import type { Labels } from '../trainer/trainer.ts';
import type { LayerSpec, NetworkSpec } from './network.ts';

/**
 * The row of an engine's table for a layer that it does not train.
 * @param what of the layer, where it trains others of its kind, as in "with strides"
 * @throws UnsupportedModelError always
 */
export function refusedBy(engine: string, what = '') {
  return (_: unknown, { name, kind }: LayerSpec): never => {
    throw new UnsupportedModelError(
      `Layer "${name}" (${kind}${what === '' ? '' : ` ${what}`}) cannot be trained by the engine ${engine}; onnx-cpu and reference can.`,
    );
  };
}

/**
 * The loss of an engine that knows one only: softmax cross-entropy without options.
 * @throws UnsupportedModelError for any other
 */
export function plainLoss(
  engine: string,
  { loss, lossOptions }: NetworkSpec,
): 'softmaxCrossEntropy' {
  if (loss === 'softmaxCrossEntropy' && lossOptions === undefined) return loss;
  const options =
    lossOptions === undefined ? '' : ` with ${Object.keys(lossOptions).join(' and ')}`;
  throw new UnsupportedModelError(
    `The loss ${loss}${options} is not known to the engine ${engine}; onnx-cpu and reference know it.`,
  );
}

/** @throws UnsupportedModelError for targets, on an engine that takes classes only */
export function classesOnly(engine: string, labels: Labels): Uint8Array {
  if (types.isUint8Array(labels)) return labels;
  throw new UnsupportedModelError(
    `The engine ${engine} takes a Uint8Array of classes and no targets; onnx-cpu and reference take them.`,
  );
}
