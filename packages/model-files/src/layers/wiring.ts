/** Which layer of a model takes what of which others, as Sequential and functional models of the three dialects say it. */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import { parse, type Source } from './parse.ts';
import { entrySchema, layerName, modelSettings } from './settings.ts';

const layerEntry = entrySchema(z.record(z.string(), z.unknown()));

/** A layer of the list, not looked into yet. */
export interface Entry {
  /** In messages: "layer 3, ". */
  readonly place: string;
  readonly json: z.infer<typeof layerEntry>;
  /** Names of the layers whose values it takes, undefined for the model's input; left out where it is the one before. */
  readonly inputs?: readonly (string | undefined)[];
  readonly isInput: boolean;
}

interface ModelEntries {
  readonly name: string;
  readonly trainable: boolean;
  readonly sequential: boolean;
  /** Of the InputLayer of a functional model. */
  readonly inputName?: string;
  readonly entries: readonly Entry[];
  /** Batch shape of the input, as it is declared. */
  readonly declared: unknown;
}

/** @throws ModelFileError as `parseTopology` does. */
export function entriesOf(
  className: string,
  config: unknown,
  from: Source,
  at: string,
): ModelEntries {
  if (className === 'Sequential') return sequentialEntries(config, from, at);
  if (className === 'Functional' || className === 'Model')
    return functionalEntries(config, from, at);
  throw new ModelFileError(
    'unsupported',
    `${from.source} describes a ${className} model; only Sequential and functional models can be read here.`,
  );
}

const declaredBy = ({ config }: Entry['json']): unknown =>
  config['batch_shape'] ?? config['batch_input_shape'];

function sequentialEntries(value: unknown, from: Source, at: string): ModelEntries {
  const config = parse(sequentialSchema, value, from, at);
  const entries = config.layers.map((entry, i): Entry => {
    const place = `layer ${i}, `;
    const json = parse(layerEntry, entry, from, place);
    return { place, json, isInput: json.class_name === 'InputLayer' && i === 0 };
  });
  const [first] = entries;
  const declared = first && (declaredBy(first.json) ?? config.build_input_shape);
  return { ...config, sequential: true, entries, declared };
}

/** A value by the layer that gives it; a layer is called once here, and gives one value. */
const once = z.literal(0, 'a layer that is used twice, or gives several values, is not known here');
const valueRef = z.tuple([z.string(), once, once]).rest(z.unknown());
const oneValue = z.union(
  [valueRef, z.tuple([valueRef]).transform(([only]) => only)],
  'one input, one output and layers that are used once are known here',
);
/** Of Keras 2 and TensorFlow.js, whose fourth entry are options of the call. */
const noOptions = z.record(z.string(), z.null()).optional();
const listedValue = z.tuple([z.string(), once, once]).rest(noOptions);
/** Of Keras 3. */
const tensor = z
  .object({
    class_name: z.literal('__keras_tensor__'),
    config: z.object({ keras_history: valueRef }),
  })
  .transform(({ config }) => config.keras_history);
const call = z.union(
  [
    z.array(listedValue).min(1),
    z
      .object({
        args: z.tuple([z.union([tensor.transform((only) => [only]), z.array(tensor).min(1)])]),
        kwargs: noOptions,
      })
      .transform(({ args: [values] }) => values),
  ],
  'only values of other layers, and no options of the call, are known here',
);
const functionalEntry = layerEntry.and(
  z.object({
    inbound_nodes: z.array(z.unknown()).max(1, 'a layer that is used twice is not known here'),
  }),
);
const sequentialSchema = modelSettings({ build_input_shape: z.unknown().optional() }, 'sequential');
const functionalSchema = modelSettings(
  { input_layers: oneValue, output_layers: oneValue },
  'functional',
);

function functionalEntries(value: unknown, from: Source, at: string): ModelEntries {
  const config = parse(functionalSchema, value, from, at);
  const [input] = config.input_layers;
  const [output] = config.output_layers;
  const taken = new Set<string>([output]);
  const names: string[] = [];
  let declared: unknown;
  const entries = config.layers.map((entry, i): Entry => {
    const place = `layer ${i}, `;
    const json = parse(functionalEntry, entry, from, place);
    const name = parse(layerName, json.config['name'], from, `${place}config.name`);
    const [node] = json.inbound_nodes;
    if (json.class_name === 'InputLayer' && name === input) {
      declared = declaredBy(json);
      return { place, json, isInput: true };
    }
    const values = parse(call, node ?? [], from, `${place}inbound_nodes.0.`);
    for (const [from] of values) taken.add(from);
    const inputs = values.map(([from]) => (from === input ? undefined : from));
    names.push(name);
    return { place, json, inputs, isInput: false };
  });
  const unused = names.find((name) => !taken.has(name));
  if (unused !== undefined) {
    throw new ModelFileError(
      'corrupt',
      `${from.source} has a layer "${unused}" whose value nothing takes.`,
    );
  }
  if (names.at(-1) !== output) {
    throw new ModelFileError(
      'unsupported',
      `${from.source} gives what its layer "${output}" gives, which is not the last in its list.`,
    );
  }
  return { ...config, sequential: false, inputName: input, entries, declared };
}
