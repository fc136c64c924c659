// Every option of every known layer as Keras 3 and Keras 2 write it (fixtures/make-options.py): honoured, so that it predicts
// as Keras does and keeps what only training needs, or refused by name. Nothing is dropped without a word.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OnnxSession } from '@fashion-bench/onnx';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  exportOnnx,
  loadKerasH5,
  loadModel,
  loadOnnx,
  ModelFileError,
  toOnnx,
} from '../src/index.ts';
import type { KerasFile } from '../src/keras/keras-file.ts';
import { LAYER_KINDS } from '../src/layers/kinds/table.ts';
import { endsInLogits, parseTopology } from '../src/layers/topology.ts';
import { inputsFor, largestDifference, predictionsOf } from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const settings = z.record(z.string(), z.unknown());
const entry = z.looseObject({ class_name: z.string(), config: settings });
const cases = z
  .array(
    z.object({
      dialect: z.string(),
      layer: z.string(),
      option: z.string().nullable(),
      config: z.looseObject({
        class_name: z.string(),
        config: z.looseObject({ layers: z.array(entry) }),
      }),
      layers: z.array(
        z.object({
          name: z.string(),
          weights: z.array(
            z.object({ name: z.string(), shape: z.array(z.number()), data: z.array(z.number()) }),
          ),
        }),
      ),
      predictions: z.array(z.number()).nullable(),
    }),
  )
  .parse(
    JSON.parse(
      await readFile(fileURLToPath(new URL('fixtures/options.json', import.meta.url)), 'utf8'),
    ),
  );
type Case = (typeof cases)[number];

/** What is refused, and what the sentence names; everything else loads. */
const REFUSED: Readonly<Record<string, string>> = {
  // Another function in Keras 3 than in Keras 2 and TensorFlow.js.
  'activation hard_sigmoid': 'activation does not fit ("hard_sigmoid" is not known here',
  'activation exponential': 'activation does not fit ("exponential" is not known here',
  keepdims: 'keepdims',
  'DepthwiseConv2D dilation_rate': 'config.dilation_rate does not fit (TensorFlow.js ignores',
  depth_multiplier: 'config.depth_multiplier does not fit',
  interpolation: 'config.interpolation does not fit',
  'ELU alpha': 'config.alpha does not fit',
  'ReLU negative_slope': 'config.negative_slope does not fit',
  'ReLU threshold': 'config.threshold does not fit',
  'Softmax axis': 'sums over axis 1',
  'Concatenate axis': 'joins over axis 1',
  rms_scaling: '"rms_scaling"',
  'used twice': 'layers that are used once are known here',
  'two outputs': 'output_layers does not fit (one input, one output',
  'two inputs': 'input_layers does not fit (one input, one output',
  training: 'no options of the call',
  // A Sequential of Keras 2 that is called is called for the second time.
  'Keras 2 nested': 'layers that are used once',
  nested: 'has a layer of the kind',
  'activation function': 'activation does not fit ("twice" is not known here',
  'activation ReLU max_value': 'activation does not fit (ReLU with max_value 0.3',
  'activation ReLU negative_slope': 'activation does not fit (ReLU with negative_slope 0.1',
  'activation ReLU threshold': 'activation does not fit (ReLU with threshold 0.2',
  'activation ReLU float16': 'activation does not fit (DTypePolicy with name "float16"',
  'Keras 2 activation ReLU float16': 'activation does not fit ("float16": only "float32"',
  'activation Softmax axis': 'activation does not fit (Softmax with axis 1',
  'activation LeakyReLU': 'activation does not fit (LeakyReLU is not known here',
  'activation ELU': 'activation does not fit (ELU is not known here',
  'activation PReLU': 'activation does not fit (PReLU is not known here',
  'activation Activation ReLU': 'activation does not fit (ReLU with max_value 0.3',
  'Conv2D activation Softmax': 'activation does not fit (Softmax with axis 1',
  'Conv2D activation ReLU': 'activation does not fit (ReLU with max_value 6',
  'Conv2D groups': '"groups"',
  data_format: 'config.data_format does not fit',
  'kernel_constraint axes': 'kernel_constraint does not fit (MaxNorm with axis [0,1] is not known',
  'kernel_regularizer Orthogonal': 'kernel_regularizer does not fit (OrthogonalRegularizer',
  'dtype float64': 'config.dtype does not fit (DTypePolicy with name "float64"',
  'Keras 2 dtype float64': 'config.dtype does not fit ("float64": only "float32" is known here',
  'dtype mixed_float16': 'config.dtype does not fit (DTypePolicy with name "mixed_float16"',
  'Keras 2 dtype mixed_float16': 'config.dtype does not fit (Policy with name "mixed_float16"',
  axis: 'normalizes over axis 1',
  activity_regularizer: 'activity_regularizer does not fit (TensorFlow.js knows no',
  synchronized: '"synchronized"',
  renorm: '"renorm"',
  registered_name: 'registered_name does not fit (a class of somebody else',
  'InputLayer dtype': 'config.dtype does not fit ("uint8": only "float32" is known here',
  'InputLayer sparse': 'sparse',
  'InputLayer optional': 'optional',
  'InputLayer sizes': 'the input shape does not fit (every size of an image must be a number',
  'Dense lora': 'lora_rank',
  'Dense quantization': 'config.dtype does not fit (QuantizedDTypePolicy',
};
function refusalOf({ dialect, layer, option }: Case): string | undefined {
  const key = option ?? '';
  return REFUSED[`${dialect} ${key}`] ?? REFUSED[`${layer} ${key}`] ?? REFUSED[key];
}

/** Of numbers up to 3; layer normalization is the one that needs more than 1e-6. */
const TOLERANCE = 2e-6;
const folder = scratchFolder();
const keras = (given: Case) => (): Promise<KerasFile> =>
  Promise.resolve({
    modelConfig: JSON.stringify(given.config),
    trainingConfig: undefined,
    kerasVersion: given.dialect === 'Keras 3' ? '3.15.1' : '2.6.0',
    layers: given.layers.map(({ name, weights }) => ({
      name,
      weights: weights.map((weight) => ({ ...weight, data: Float32Array.from(weight.data) })),
    })),
  });

/** As TensorFlow.js' converter wraps a model of Keras. */
async function writeTfjs({ config, layers }: Case): Promise<void> {
  const weights = layers.flatMap(({ name: layer, weights: own }) =>
    own.map(({ name, shape, data }) => ({ name: `${layer}/${name}`, shape, data })),
  );
  const manifest = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const json = {
    modelTopology: { model_config: config },
    weightsManifest: [{ paths: ['weights.bin'], weights: manifest }],
  };
  await mkdir(folder(), { recursive: true });
  await writeFile(join(folder(), 'model.json'), JSON.stringify(json));
  const flat = Float32Array.from(weights.flatMap(({ data }) => data));
  await writeFile(join(folder(), 'weights.bin'), new Uint8Array(flat.buffer));
}

async function loaded(given: Case) {
  const path = join(folder(), 'x.h5');
  await mkdir(dirname(path), { recursive: true });
  // The magic number; what stands in the file is handed over as libhdf5's thread would.
  await writeFile(path, Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'));
  return (await loadKerasH5(path, keras(given))).model;
}

/** Over rows of so many values. */
function softmax(values: readonly number[], length: number): number[] {
  const powers = values.map((value) => Math.exp(value));
  return powers.map((power, i) => {
    const start = i - (i % length);
    return power / powers.slice(start, start + length).reduce((sum, other) => sum + other, 0);
  });
}

const named = cases.map((given) => ({
  given,
  title: `${given.dialect}, ${given.layer}: ${given.option ?? 'as it is'}`,
}));

describe('an option that is not known is refused by its name', () => {
  const refused = named.filter(({ given }) => refusalOf(given) !== undefined);
  test.each(refused)('$title', async ({ given }) => {
    await writeTfjs(given);
    for (const load of [() => loaded(given), () => loadModel(folder())]) {
      const error: unknown = await load().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ModelFileError);
      expect(error).toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining(refusalOf(given) ?? '') as string,
      });
    }
  });
});

describe('one that is known is honoured', () => {
  const honoured = named.filter(({ given }) => refusalOf(given) === undefined);
  test.each(honoured)('$title', async ({ given }) => {
    await writeTfjs(given);
    const model = await loaded(given);
    const again = await loadModel(folder());
    expect(given.predictions).not.toBeNull();
    const expected = given.predictions ?? [];
    expect(largestDifference(predictionsOf(model, 2), expected)).toBeLessThan(TOLERANCE);
    expect(largestDifference(predictionsOf(again, 2), expected)).toBeLessThan(TOLERANCE);
    keepsForTraining(given, model.toJSON(null, false));
    // An ONNX file gives probabilities.
    const topology = parseTopology(given.config, 'x', 'of Keras');
    const rank2 = topology.layers.at(-1)?.output.length === 1;
    const answer = endsInLogits(topology)
      ? softmax(expected, topology.layers.at(-1)?.output.at(-1) ?? 1)
      : expected;
    await exportOnnx(model, join(folder(), 'x.onnx'));
    // Of rank 2 it is a classifier, which loadOnnx reads back.
    const onnx = rank2 ? (await loadOnnx(join(folder(), 'x.onnx'))).model : toOnnx(model);
    const session = await OnnxSession.create(onnx);
    const inputs = inputsFor(model, 2);
    const data = inputs.dataSync<'float32'>();
    const output = await session.run({ images: { dtype: 'float32', shape: inputs.shape, data } });
    const values = output['probabilities']?.data;
    expect(largestDifference(values instanceof Float32Array ? values : [], answer)).toBeLessThan(
      TOLERANCE,
    );
    await session.dispose();
    model.dispose();
    again.dispose();
  });

  /** Keras' words for what predictions do not show, in the model as it is saved again. */
  const KEPT: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'kernel_regularizer L1': { kernel_regularizer: { config: { l1: 0.25, l2: 0 } } },
    'kernel_regularizer L2': { kernel_regularizer: { config: { l1: 0, l2: 0.25 } } },
    'bias_regularizer L1L2': { bias_regularizer: { config: { l1: 0.25, l2: 0.5 } } },
    'gamma_regularizer L2': { gamma_regularizer: { config: { l1: 0, l2: 0.25 } } },
    'kernel_constraint MaxNorm': {
      kernel_constraint: { class_name: 'MaxNorm', config: { max_value: 2, axis: 0 } },
    },
    'kernel_constraint MinMaxNorm': {
      kernel_constraint: { config: { min_value: 0.5, max_value: 2, rate: 0.75, axis: 0 } },
    },
    'kernel_constraint NonNeg': { kernel_constraint: { class_name: 'NonNeg' } },
    'beta_constraint NonNeg': { beta_constraint: { class_name: 'NonNeg' } },
    'bias_constraint UnitNorm': { bias_constraint: { class_name: 'UnitNorm' } },
    trainable: { trainable: false },
    noise_shape: { noise_shape: [null, 1, 1, 2] },
    seed: { seed: 3 },
    momentum: { momentum: 0.5 },
  };
  function keepsForTraining({ option }: Case, json: unknown): void {
    const kept = KEPT[option ?? ''];
    if (!kept) return;
    const { config } = z.object({ config: z.object({ layers: z.array(entry) }) }).parse(json);
    expect(config.layers.at(-1)?.config).toMatchObject(kept);
  }
});

describe('an object of a class that nobody knows is refused in every place of', () => {
  /** One model for each class and dialect: its last layer has all options that Keras writes. */
  const whole = cases.filter(({ option }) => option === null);
  test.each(whole)('$dialect, $layer', ({ config, layer }) => {
    const last = config.config.layers.at(-1);
    expect(last?.class_name).toBe(layer);
    for (const key of [...Object.keys(last?.config ?? {}), 'unheard_of']) {
      const changed = structuredClone(config);
      const target = changed.config.layers.at(-1)?.config ?? {};
      target[key] = { class_name: 'Unheard', config: { of: 1 } };
      const parsed = (): unknown => parseTopology(changed, 'x', 'of Keras');
      // How weights began makes no difference; the shape counts at the first layer only.
      if (key.endsWith('_initializer') || key.endsWith('batch_input_shape')) continue;
      expect(parsed, key).toThrow(ModelFileError);
      expect(parsed, key).toThrow(key);
    }
  });

  test('the known layers, each of them', () => {
    const classes = new Set(whole.map(({ layer }) => layer));
    expect([...classes].sort()).toEqual(Object.keys(LAYER_KINDS).sort());
  });
});
