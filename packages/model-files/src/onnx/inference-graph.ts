/**
 * A model as a graph of standard ONNX operators, for inference: dropout is gone, batch normalization is one
 * multiplication and one addition with its moving statistics, weights are constants.
 */
import { GraphBuilder, type OnnxModel } from '@fashion-bench/onnx';
import type { ModelParts } from '../layers/model.ts';
import { endsInLogits } from '../layers/topology.ts';
import { Lowering, turned, type Feature } from './lowering.ts';

export interface GraphNames {
  readonly input: string;
  readonly output: string;
  /** Name of the open number of images. */
  readonly batch: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws GraphError where the topology and the values do not fit each other. */
export function inferenceGraph({ topology, values }: ModelParts, names: GraphNames): OnnxModel {
  const g = new GraphBuilder(topology.name);
  const value = g.input(names.input, 'float32', [names.batch, ...topology.input]);
  const input: Feature = { value, layout: 'last' };
  const outputs: Feature[] = [];
  topology.layers.forEach((layer, i) => {
    const { config, sources } = layer;
    const features = sources.map((position) => outputs[position] ?? input);
    const place = { ...layer, name: config.name, values: values[i] ?? [], features };
    outputs.push(layer.lower(new Lowering(g, place)));
  });
  const last = turned(g, outputs.at(-1) ?? input, 'last');
  // The output is called probabilities.
  g.output(names.output, endsInLogits(topology) ? g.op('Softmax', [last], { axis: -1 }) : last);
  for (const [key, text] of Object.entries(names.metadata)) g.metadata(key, text);
  return g.build();
}
