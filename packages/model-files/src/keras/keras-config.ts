/** A topology as Keras writes it, in the dialect of tf.keras 2 with an InputLayer, which Keras 2 and 3 read. */
import { modelConfig } from '../layers/model-config.ts';
import { kerasInitializer } from '../layers/serialized.ts';
import type { Layer, Topology } from '../layers/topology.ts';

export function kerasConfig(topology: Topology): Record<string, unknown> {
  return modelConfig(topology, { functional: 'Functional', inputLayer: true, settings });
}

function settings({ className, config }: Layer): object {
  return Object.fromEntries(
    Object.entries(config).map(([key, value]: [string, unknown]) => {
      if (key === 'axis' && className === 'BatchNormalization') return [key, [value]];
      return [key, key.endsWith('_initializer') ? kerasInitializer(value) : value];
    }),
  );
}
