/** A topology as Keras 2 and TensorFlow.js write it, which Keras 3 reads, too. */
import type { Layer, Topology } from './topology.ts';

interface Dialect {
  /** Class of a model that is no Sequential. */
  readonly functional: 'Functional' | 'Model';
  /** Whether a Sequential begins with an InputLayer: Keras 3 cannot build it without, TensorFlow.js lists it among the layers. */
  readonly inputLayer: boolean;
  /** Settings of a layer as they are to stand in the file. */
  readonly settings: (layer: Layer) => object;
}

export function modelConfig(topology: Topology, dialect: Dialect): Record<string, unknown> {
  const { name, sequential, layers } = topology;
  const shape = { batch_input_shape: [null, ...topology.input] };
  const inputName = topology.inputName ?? freeName(`${layers[0]?.config.name ?? ''}_input`, layers);
  const input = {
    class_name: 'InputLayer',
    config: { ...shape, dtype: 'float32', sparse: false, ragged: false, name: inputName },
  };
  const entryOf = (layer: Layer): { class_name: string; config: object } => ({
    class_name: layer.className,
    // TensorFlow.js takes null for what is not set, and fails at undefined.
    config: Object.fromEntries(
      Object.entries(dialect.settings(layer)).filter(([, value]) => value !== undefined),
    ),
  });
  if (sequential) {
    const entries = layers.map((layer, i) => {
      const { class_name, config } = entryOf(layer);
      // Without it at the first layer TensorFlow.js cannot build the model.
      return { class_name, config: { ...config, ...(i === 0 && shape) } };
    });
    const all = dialect.inputLayer ? [input, ...entries] : entries;
    return { class_name: 'Sequential', config: { name, layers: all } };
  }
  const valueOf = (position: number): [string, 0, 0] => [
    layers[position]?.config.name ?? inputName,
    0,
    0,
  ];
  const entries = layers.map((layer) => ({
    ...{ name: layer.config.name, ...entryOf(layer) },
    inbound_nodes: [layer.sources.map((position) => [...valueOf(position), {}])],
  }));
  return {
    class_name: dialect.functional,
    config: {
      name,
      layers: [{ name: inputName, ...input, inbound_nodes: [] }, ...entries],
      input_layers: [valueOf(-1)],
      output_layers: [valueOf(layers.length - 1)],
    },
  };
}

function freeName(wanted: string, layers: readonly Layer[]): string {
  const taken = layers.some(({ config }) => config.name === wanted);
  return taken ? freeName(`${wanted}_1`, layers) : wanted;
}
