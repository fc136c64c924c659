import { UnsupportedModelError } from '../errors.ts';
import type { LayerSpec } from './network.ts';

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
