/**
 * From the JSON of a model, Sequential or functional, in any of the three dialects, to layers with known shapes. Nothing is
 * built yet: TensorFlow.js draws initial weights while it builds, and a file that declares a billion of them must be
 * refused before.
 */
import { z } from 'zod';
import { ModelFileError } from '../errors.ts';
import { LAYER_KINDS } from './kinds/table.ts';
import type { ParsedLayer } from './layer-kind.ts';
import { MAX_FEATURES, MAX_WORK } from './limits.ts';
import { parse, type Source } from './parse.ts';
import { batchShapeSchema, entrySchema, inputLayerSchema } from './settings.ts';
import { elements, type Shape, type WeightShape } from './shapes.ts';
import { entriesOf, type Entry } from './wiring.ts';

export interface Layer extends Pick<ParsedLayer, 'config' | 'activation' | 'lower'> {
  /** Keras' class. */
  readonly className: string;
  /** Positions in `Topology.layers` of the layers whose values it takes; -1 is the model's input. */
  readonly sources: readonly number[];
  /** Of one image: the first value that it takes. */
  readonly input: Shape;
  readonly output: Shape;
  /** In the order of Keras' and TensorFlow.js' `weights`. */
  readonly weights: readonly WeightShape[];
}

export interface Topology {
  readonly name: string;
  /** Whether each layer takes what the one before it gives, and the model is a Sequential. */
  readonly sequential: boolean;
  /** Of a functional model's InputLayer. */
  readonly inputName?: string | undefined;
  readonly input: Shape;
  /** Never empty; each stands behind those whose values it takes, and the last gives the model's output. */
  readonly layers: readonly Layer[];
}

const modelEntry = entrySchema(
  // Before Keras 2.2.3 the configuration was the list of layers itself.
  z.preprocess((config) => (Array.isArray(config) ? { layers: config } : config), z.unknown()),
);

/**
 * @param value what JSON.parse gave.
 * @param source of the model, at the beginning of a sentence: a path, say.
 * @param kind of model file, for messages: "of Keras".
 * @throws ModelFileError 'corrupt' for what is no such model, 'unsupported' for one that is not known here, or takes
 * more memory or arithmetic than is allowed.
 */
export function parseTopology(value: unknown, source: string, kind: string, at = ''): Topology {
  const from: Source = { source, kind };
  const model = parse(modelEntry, value, from, at);
  const { entries, ...config } = entriesOf(model.class_name, model.config, from, `${at}config.`);
  if (entries.length === 0) throw new ModelFileError('corrupt', `${source} has no layers.`);
  if (config.declared === undefined || config.declared === null) {
    throw new ModelFileError(
      'unsupported',
      `${source} does not say what images its model takes; build the model before it is saved.`,
    );
  }
  const input = parse(batchShapeSchema, config.declared, from, 'the input shape');
  const reader = new Reader(input, from);
  for (const entry of entries) reader.read(entry, config.trainable);
  const { layers } = reader;
  if (layers.length === 0) throw new ModelFileError('corrupt', `${source} has no layers.`);
  const { name, sequential, inputName } = config;
  return { name, sequential, inputName, input, layers };
}

/** Layers one by one, with what all of them take together. */
class Reader {
  readonly layers: Layer[] = [];
  readonly #input: Shape;
  readonly #from: Source;
  readonly #positions = new Map<string, number>();
  #features: number;
  #work = 0;

  constructor(input: Shape, from: Source) {
    this.#input = input;
    this.#from = from;
    this.#features = elements(input);
  }

  read({ place, inputs, json, isInput }: Entry, trainable: boolean): void {
    const { source } = this.#from;
    if (isInput) {
      parse(inputLayerSchema, json, this.#from, place);
      return;
    }
    const className = json.class_name;
    const kind = Object.hasOwn(LAYER_KINDS, className) ? LAYER_KINDS[className] : undefined;
    if (!kind) {
      const behind = className === 'InputLayer' ? ' behind others' : '';
      throw new ModelFileError(
        'unsupported',
        `${source} has a layer of the kind "${className}"${behind}; known here are ${['InputLayer', ...Object.keys(LAYER_KINDS)].join(', ')}.`,
      );
    }
    const parsed = parse(kind.schema, json.config, this.#from, `${place}config.`);
    const { config, activation, lower } = parsed;
    if (!trainable) config.trainable = false;
    const { name } = config;
    const where = `${source}: layer "${name}"`;
    if (this.#positions.has(name)) {
      throw new ModelFileError('corrupt', `${source} has two layers of the name "${name}".`);
    }
    const sources = inputs?.map((input) => this.#positionOf(input, where)) ?? [
      this.layers.length - 1,
    ];
    if (kind.merges ? sources.length < 2 : sources.length !== 1) {
      throw new ModelFileError(
        'corrupt',
        `${where} is a ${className}, which takes ${kind.merges ? 'two values or more' : 'one value'}, not ${sources.length}.`,
      );
    }
    const shapes = sources.map((position) => this.layers[position]?.output ?? this.#input);
    const [input = this.#input] = shapes;
    json.build_config?.input_shape?.forEach((built, i) => {
      checkBuilt(built, shapes[i] ?? [], where);
    });
    const output = parsed.output(shapes, where);
    if (output.some((length) => !(length >= 1))) {
      throw new ModelFileError(
        'corrupt',
        `${where} makes nothing of an input of [${input.join(', ')}].`,
      );
    }
    this.#charge(elements(output), parsed.work(input));
    this.#positions.set(name, this.layers.length);
    const weights = parsed.weights(input);
    this.layers.push({ className, config, activation, lower, sources, input, output, weights });
  }

  #positionOf(name: string | undefined, where: string): number {
    if (name === undefined) return -1;
    const position = this.#positions.get(name);
    if (position !== undefined) return position;
    throw new ModelFileError(
      'corrupt',
      `${where} takes what "${name}" gives, and no layer before it has that name.`,
    );
  }

  #charge(features: number, work: number): void {
    this.#features += features;
    this.#work += features * work;
    if (this.#features <= MAX_FEATURES && this.#work <= MAX_WORK) return;
    throw new ModelFileError(
      'unsupported',
      `The model in ${this.#from.source} takes more ${this.#features <= MAX_FEATURES ? 'arithmetic' : 'memory'} than is allowed here.`,
    );
  }
}

/** What Keras 3 says of a layer's input once more. */
function checkBuilt(built: readonly (number | null)[], input: Shape, at: string): void {
  const sizes = built.slice(1);
  if (sizes.length === input.length && sizes.every((n, i) => n === null || n === input[i])) return;
  throw new ModelFileError(
    'corrupt',
    `${at} was built for an input of [${sizes.join(', ')}], but gets [${input.join(', ')}].`,
  );
}

/** Whether what comes out are logits, of which a softmax makes probabilities: the last activation is linear. */
export function endsInLogits({ layers }: Topology): boolean {
  let layer = layers.at(-1);
  while (layer?.activation === 'passes') layer = layers[layer.sources[0] ?? -1];
  return !layer || layer.activation === 'linear';
}
