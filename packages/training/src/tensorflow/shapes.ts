/** Where the network's data are images [n, rows, columns, channels], and where rows [n, units]. */
import type { NetworkSpec } from '../network/network.ts';
import type { DropoutPlace } from './masks.ts';

/** Whether the network's input goes straight into a dense layer. */
export function startsFlat({ layers }: NetworkSpec): boolean {
  const first = layers.find(
    ({ kind }) => kind !== 'dropout' && kind !== 'activation' && kind !== 'batchNormalization',
  );
  return first?.kind === 'dense';
}

/** The dropout layers in order, which is how their masks are numbered. */
export function dropoutPlaces(network: NetworkSpec): readonly DropoutPlace[] {
  let flat = startsFlat(network);
  return network.layers.flatMap((layer) => {
    if (layer.kind === 'flatten') flat = true;
    return layer.kind === 'dropout' ? [{ layer, flat }] : [];
  });
}
