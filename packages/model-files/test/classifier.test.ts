// Model files of every kind, opened by their content; ONNX files that lie.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GraphBuilder } from '@fashion-bench/onnx';
import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { exportOnnx, openClassifier, saveKerasH5, saveModel, toOnnx } from '../src/index.ts';
import {
  inputsFor,
  largestDifference,
  predictionsOf,
  functionalModel,
  richModel,
  smallModel,
} from './support/models.ts';
import { scratchFolder } from './support/scratch.ts';

const folder = scratchFolder();
const file = (): string => join(folder(), 'file');

beforeEach(async () => {
  await mkdir(dirname(file()), { recursive: true });
});

describe('openClassifier', () => {
  const formats = [
    ['keras-h5', saveKerasH5],
    ['onnx', exportOnnx],
    ['tfjs', saveModel],
  ] as const;

  test.each(formats)(
    '%s: predictions of the model that was saved, to 1e-6',
    async (format, save) => {
      for (const make of [smallModel, richModel, functionalModel]) {
        const model = make();
        const path = join(folder(), `${make.name} without a suffix`);
        await save(model, path);
        const opened = await openClassifier(path);
        expect(opened.format).toBe(format);
        const images = inputsFor(model, 3);
        expect(opened.input).toEqual(images.shape.slice(1));
        const probabilities = await opened.predict(images.dataSync<'float32'>(), 3);
        expect(probabilities).toHaveLength(3 * opened.classes);
        expect(largestDifference(probabilities, predictionsOf(model, 3))).toBeLessThan(1e-6);
        await expect(opened.predict(new Float32Array(5), 3)).rejects.toThrow(
          'The images must be a Float32Array of',
        );
        await opened.dispose();
      }
    },
  );

  test('class names of an ONNX file', async () => {
    const classNames = Array.from('abcdefghij');
    await exportOnnx(smallModel(), file(), { classNames });
    const opened = await openClassifier(file());
    expect(opened.classNames).toEqual(classNames);
    await opened.dispose();
  });

  test('nothing there, and something else', async () => {
    await expect(openClassifier(file())).rejects.toMatchObject({ code: 'not-found' });
    const onnx = 'is no ONNX file as exportOnnx writes it: its bytes are no ONNX model';
    for (const [text, code, words] of [
      ['', 'corrupt', onnx],
      ['something else', 'corrupt', onnx],
      [
        `PK\x03\x04${'\0'.repeat(26)}metadata.json`,
        'corrupt',
        'is a damaged archive; take another copy of the file',
      ],
      [
        'PK\x03\x04',
        'unsupported',
        'is a zip archive; give the model that is in it, saved as .h5 or .onnx',
      ],
      [
        '\x89PNG\r\n',
        'unsupported',
        'is a picture and no model; give a model, which is asked about the picture',
      ],
      ['\x1f\x8b\x08', 'unsupported', 'is a gzip file; unpack it first'],
      [
        '{"a": 1}',
        'corrupt',
        'is not a model of TensorFlow.js: modelTopology does not fit (Invalid input: expected record, received undefined)',
      ],
    ] as const) {
      await writeFile(file(), text, 'latin1');
      await expect(openClassifier(file())).rejects.toMatchObject({
        name: 'ModelFileError',
        code,
        message: `${file()} ${words}.`,
      });
    }
    await expect(openClassifier('a\0b')).rejects.toMatchObject({
      code: 'not-found',
      message: '"a\\u0000b" is no path of a file: its name holds a NUL character.',
    });
  });

  test('HDF5 behind a user block, and model.json under another name', async () => {
    const model = smallModel();
    const expected = predictionsOf(model, 1);
    const images = inputsFor(model, 1).dataSync<'float32'>();
    const opens = async (): Promise<void> => {
      const opened = await openClassifier(file());
      expect(largestDifference(await opened.predict(images, 1), expected)).toBeLessThan(1e-6);
      await opened.dispose();
    };
    await saveKerasH5(model, file());
    const bytes = await readFile(file());
    for (const block of [512, 4096]) {
      await writeFile(file(), Buffer.concat([Buffer.alloc(block), bytes]));
      await opens();
    }
    await saveModel(model, join(folder(), 'saved'));
    await copyFile(join(folder(), 'saved', 'model.json'), file());
    await copyFile(join(folder(), 'saved', 'weights.bin'), join(dirname(file()), 'weights.bin'));
    await opens();
  });

  test.each(formats)('%s: logits go through a softmax', async (_, save) => {
    const model = tf.sequential({
      layers: [
        tf.layers.flatten({ inputShape: [4, 3] }),
        tf.layers.dense({ units: 5, biasInitializer: 'randomNormal' }),
      ],
    });
    await save(model, join(folder(), 'logits'));
    const opened = await openClassifier(join(folder(), 'logits'));
    expect(opened.input).toEqual([4, 3]);
    const inputs = inputsFor(model, 2);
    const probabilities = tf.softmax(tf.tensor(predictionsOf(model, 2), [2, 5]));
    expect(
      largestDifference(
        await opened.predict(inputs.dataSync<'float32'>(), 2),
        probabilities.dataSync<'float32'>(),
      ),
    ).toBeLessThan(1e-6);
    await opened.dispose();
  });
});

describe('ONNX files that lie are refused', () => {
  async function refused(bytes: Uint8Array, why: string): Promise<void> {
    await writeFile(file(), bytes);
    await expect(openClassifier(file())).rejects.toMatchObject({
      name: 'ModelFileError',
      code: 'corrupt',
      message: `${file()} is no ONNX file as exportOnnx writes it: ${why}.`,
    });
  }
  /** A classifier of three inputs whose middle the test chooses. */
  function built(middle: (g: GraphBuilder, x: ReturnType<GraphBuilder['input']>) => typeof x) {
    const g = new GraphBuilder('g');
    g.output('probabilities', middle(g, g.input('images', 'float32', ['n', 28, 28, 1])));
    return g.build().bytes;
  }

  test('operators that exportOnnx does not write, and attributes', async () => {
    await refused(
      built((g, x) => g.op('Tile', [x, g.ints([1, 1, 1, 9])])),
      'it has a node of the kind "Tile", which is not read here',
    );
    await refused(
      built((g, x) => g.op('Reshape', [x, g.ints([-1, 784])], { allowzero: 1 })),
      'a node Reshape has the attribute "allowzero", which is not read here',
    );
  });

  test('no classifier', async () => {
    await refused(
      built((g, x) => g.op('Relu', [x])),
      'it has not the one input "images" and the one output "probabilities" of a classifier',
    );
  });

  test('weights that are not finite', async () => {
    await refused(
      built((g, x) =>
        g.op('MatMul', [
          g.reshape(x, [-1, 784]),
          g.constant('float32', [784, 2], new Float32Array(1568).fill(NaN), 'w'),
        ]),
      ),
      'the tensor "w" has NaN in it',
    );
  });

  test('more than a machine can hold or compute', async () => {
    const pads = [1 << 20, 1 << 20, 1 << 20, 1 << 20];
    const kernel = (g: GraphBuilder, size: number) =>
      g.constant('float32', [1, 1, size, size], new Float32Array(size * size));
    await refused(
      built((g, x) => {
        const first = g.transpose(x, [0, 3, 1, 2]);
        return g.op('Conv', [first, kernel(g, 1)], { pads });
      }),
      'a value of the shape [n,1,2097180,2097180] is empty or too large',
    );
    await refused(
      built((g, x) => {
        const first = g.transpose(x, [0, 3, 1, 2]);
        const attributes = { kernel_shape: [500, 500], pads: [999, 999, 999, 999] };
        return g.op('Conv', [first, kernel(g, 500)], attributes);
      }),
      'it takes more arithmetic than is allowed here',
    );
  });

  test('more than a machine can hold once it is decoded', async () => {
    /** A field of a message: its number, length in four bytes, content. */
    const field = (number: number, content: Buffer): Buffer => {
      const { length } = content;
      const digits = [length | 128, (length >> 7) | 128, (length >> 14) | 128, length >> 21];
      return Buffer.concat([Buffer.from([8 * number + 2, ...digits]), content]);
    };
    const why = 'it is larger than is read here';
    // A million empty nodes, a name of eight million letters, a million numbers in one attribute of a node.
    await refused(field(7, Buffer.alloc(2 << 20, Buffer.from([0x0a, 0]))), why);
    await refused(field(2, Buffer.alloc(8 << 20, 'a')), why);
    await refused(field(7, field(1, field(5, field(8, Buffer.alloc(1 << 20))))), why);
  });

  test('another opset, and a cut', async () => {
    const { bytes } = toOnnx(smallModel());
    const opset = Buffer.from(bytes);
    // The field opset_import { version: 21 }: tag, length, tag, varint.
    const at = opset.lastIndexOf(Buffer.from([0x10, 21]));
    opset[at + 1] = 20;
    await refused(opset, 'it is of opset 20; only 21 is read here');
    for (const length of [1, 100, 5000, bytes.length - 1]) {
      await writeFile(file(), bytes.subarray(0, length));
      await expect(openClassifier(file())).rejects.toMatchObject({ code: 'corrupt' });
    }
  });
});
