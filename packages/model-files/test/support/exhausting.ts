// Files that would take all memory or hours, each of another kind, and some that ask for just as much as is allowed.
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GraphBuilder } from '@fashion-bench/onnx';
import { writeHdf5 } from '../../src/keras/hdf5-thread.ts';

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer of a model.json; the first one has an input. */
function layer(className: string, name: string, options: object, input?: readonly number[]) {
  const config = { name, ...options, ...(input && { batch_input_shape: [null, ...input] }) };
  return { class_name: className, config };
}
const dense = (units: number, inputs: number) =>
  layer('Dense', 'd', { units, activation: 'softmax' }, [inputs]);
const denseWeights = (units: number, inputs: number): readonly Weight[] => [
  { name: 'd/kernel', shape: [inputs, units] },
  { name: 'd/bias', shape: [units] },
];
const pools = (count: number) =>
  Array.from({ length: count }, (_, i) =>
    layer(
      'MaxPooling2D',
      `p${i}`,
      { pool_size: 28, strides: 1, padding: 'same' },
      i === 0 ? [28, 28, 1] : undefined,
    ),
  );

async function folderOf(path: string, json: string, weightBytes: number): Promise<string> {
  await mkdir(path);
  await writeFile(join(path, 'model.json'), json);
  await writeFile(join(path, 'w'), '');
  // Zeros that take no space on the disk.
  await truncate(join(path, 'w'), weightBytes);
  return path;
}

function tfjs(layers: readonly object[], weights: readonly Weight[] = [], times = 1) {
  const own = weights.map((weight) => ({ ...weight, dtype: 'float32' }));
  return JSON.stringify({
    modelTopology: { class_name: 'Sequential', config: { name: 's', layers } },
    weightsManifest: [{ paths: Array.from({ length: times }, () => 'w'), weights: own }],
  });
}

/** Of an ONNX file: a field's number, its length in four bytes, its content. */
function field(number: number, content: Buffer): Buffer {
  const { length } = content;
  const digits = [length | 128, (length >> 7) | 128, (length >> 14) | 128, length >> 21];
  return Buffer.concat([Buffer.from([8 * number + 2, ...digits]), content]);
}

async function fileOf(path: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  return path;
}

function kerasH5(text: string, trainingConfig?: string, units = 2): Promise<Uint8Array> {
  // One byte for each character: V8 may have two, and then the thread that writes runs out of its memory.
  const modelConfig = Buffer.from(text, 'latin1').toString('latin1');
  const weights = denseWeights(units, 3).map(({ name, shape }) => ({
    ...{ name: `${name}:0`, shape },
    data: new Float32Array(shape.reduce((n, size) => n * size, 1)),
  }));
  const layers = [{ name: 'd', weights }];
  return writeHdf5({ modelConfig, trainingConfig, kerasVersion: '2.15.0', layers });
}
const model = (units = 2): string =>
  JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers: [dense(units, 3)] } });

/** Name -> makes the file or folder at a path that is free. */
export const exhausting: Readonly<Record<string, (path: string) => Promise<string>>> = {
  'one sparse gigabyte named six times': (path) =>
    folderOf(path, tfjs([dense(2, 3)], denseWeights(2, 3), 6), 2 ** 30),
  '180 MB of {} as model.json': (path) =>
    folderOf(path, `{"modelTopology":[${'{},'.repeat(60_000_000)}{}]}`, 0),
  'model.json of empty objects, as long as is read': (path) =>
    folderOf(path, `{"modelTopology":[${'{},'.repeat(1_390_000)}{}]}`, 0),
  'model.json nested two million deep': (path) => folderOf(path, '['.repeat(2_000_000), 0),
  '900 poolings': (path) => folderOf(path, tfjs([...pools(900), layer('Flatten', 'f', {})]), 0),
  'as many poolings as are computed': (path) =>
    folderOf(path, tfjs([...pools(800), layer('Flatten', 'f', {})]), 0),
  'as many numbers as are computed, by softmax': (path) =>
    folderOf(path, tfjs([layer('Activation', 'a', { activation: 'softmax' }, [2 ** 22])]), 0),
  'as many layers as are read': (path) => {
    const at = (i: number) => (i === 0 ? [8000] : undefined);
    const layers = Array.from({ length: 1000 }, (_, i) =>
      layer('Activation', `a${i}`, { activation: 'softmax' }, at(i)),
    );
    return folderOf(path, tfjs(layers), 0);
  },
  'as many weights as are read': (path) =>
    folderOf(path, tfjs([dense(4095, 4095)], denseWeights(4095, 4095)), 4 * 4096 * 4095),
  '50 MB of empty ONNX nodes': (path) =>
    fileOf(path, field(7, Buffer.alloc(50_000_000, Buffer.from([0x0a, 0])))),
  'as many empty ONNX nodes as are decoded': (path) =>
    fileOf(path, field(7, Buffer.alloc(1_000_000, Buffer.from([0x0a, 0])))),
  'as many ONNX weights as are read': (path) => {
    const g = new GraphBuilder('g');
    const kernel = g.constant('float32', [4095, 4095], new Float32Array(4095 * 4095));
    const product = g.op('MatMul', [g.input('images', 'float32', ['n', 4095]), kernel]);
    g.output('probabilities', g.op('Softmax', [product], { axis: -1 }));
    return fileOf(path, g.build().bytes);
  },
  'a model_config of 60 MB': async (path) =>
    fileOf(path, await kerasH5(model() + ' '.repeat(60_000_000))),
  'a training_config nested 100,000 deep': async (path) =>
    fileOf(path, await kerasH5(model(), '['.repeat(100_000))),
  'as many HDF5 weights as are read': async (path) =>
    fileOf(path, await kerasH5(model(4_000_000), undefined, 4_000_000)),
};
