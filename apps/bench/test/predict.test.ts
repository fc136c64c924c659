import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { fashionCnn, predict, saveModel } from '@fashion-bench/cnn';
import { CLASS_NAMES, IMAGE_SIZE } from '@fashion-bench/dataset';
import { exportOnnx, saveKerasH5 } from '@fashion-bench/model-files';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

import { bench, fakeServices, temporaryFolder } from './fakes.ts';

const services = fakeServices();
const { test } = await services.loadImages(
  { ...(await import('../src/command-line/settings.ts')).readSettings({}) },
  {
    env: {},
    progress: (await import('../src/process/progress.ts')).silentProgress,
    signal: new AbortController().signal,
  },
);
const model = fashionCnn({ seed: 3 });
const { probabilities } = await predict(model, test.images, { engine: 'onnx-cpu' });
const answer = z.strictObject({
  ...{ model: z.string(), format: z.string(), image: z.string(), blank: z.boolean() },
  trueLabel: z.int().nullable(),
  classes: z.array(z.strictObject({ label: z.int(), name: z.string(), probability: z.number() })),
});

const KINDS = {
  'keras-h5': async (folder: string) => {
    await saveKerasH5(model, join(folder, 'model.h5'));
    return join(folder, 'model.h5');
  },
  onnx: async (folder: string) => {
    await exportOnnx(model, join(folder, 'model.onnx'), { classNames: CLASS_NAMES });
    return join(folder, 'model.onnx');
  },
  tfjs: async (folder: string) => {
    await saveModel(model, join(folder, 'model'));
    return join(folder, 'model', 'model.json');
  },
};

describe('bench predict', () => {
  it.each(['keras-h5', 'onnx', 'tfjs'] as const)('%s: as the package cnn does', async (format) => {
    const path = await KINDS[format](temporaryFolder());
    const { code, out, err } = await bench(['predict', path, '--index', '7', '--json'], services);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const said = answer.parse(JSON.parse(out));
    expect(said).toMatchObject({ model: path, format, image: 'test image 7' });
    expect(said.trueLabel).toBe(test.labels[7]);
    expect(said.classes.map(({ label }) => label).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const [i, { label, name, probability }] of said.classes.entries()) {
      expect(name).toBe(CLASS_NAMES[label]);
      expect(Math.abs(probability - probabilities[70 + label]!)).toBeLessThan(1e-5);
      expect(probability).toBeLessThanOrEqual(said.classes[i - 1]?.probability ?? 1);
    }
  });

  it('in words; without --index the first test image; a PNG of that image says the same', async () => {
    const folder = temporaryFolder();
    const path = await KINDS.onnx(folder);
    const first = await bench(['predict', path], services);
    expect(first).toMatchObject({ code: 0, err: '' });
    const [heading, ...lines] = first.out.trimEnd().split('\n');
    expect(heading).toBe(`test image 0, in truth ${CLASS_NAMES[test.labels[0]!]}, by ${path}:`);
    const best = Math.max(...probabilities.subarray(0, 10));
    const name = CLASS_NAMES[probabilities.indexOf(best)];
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe(`  ${best.toFixed(4)}  ${name}`);
    const png = new PNG({ width: 28, height: 28 });
    test.images.subarray(0, IMAGE_SIZE).forEach((grey, i) => {
      png.data.set([grey, grey, grey, 255], 4 * i);
    });
    const image = join(folder, 'first.png');
    writeFileSync(image, PNG.sync.write(png));
    const again = await bench(['predict', path, '--image', image], services);
    expect(again).toEqual({
      code: 0,
      err: '',
      out: `${image}, by ${path}:\n${lines.join('\n')}\n`,
    });
  });

  it('several pictures by the model of a run; of one colour: said to mean nothing', async () => {
    const run = temporaryFolder();
    const painted = (name: string, grey: (pixel: number) => number): string => {
      const png = new PNG({ width: 28, height: 28 });
      for (let i = 0; i < IMAGE_SIZE; i++) png.data.set([grey(i), grey(i), grey(i), 255], 4 * i);
      writeFileSync(join(run, name), PNG.sync.write(png));
      return join(run, name);
    };
    const blank = painted('blank.png', (pixel) => 250 + (pixel % 5));
    const article = painted('article.png', (pixel) => test.images[pixel]!);
    writeFileSync(join(run, 'record.json'), '{}');
    const argv = ['predict', run, '--image', blank, '--image', article];
    expect(await bench(argv, services)).toMatchObject({
      code: 1,
      err: `${run} is a run without a trained network (it has no model.h5): name a run of 'cnn' that was completed, or a model.\n`,
    });
    const path = await KINDS['keras-h5'](run);
    const { code, out, err } = await bench(argv, services);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const [first = '', second = ''] = out.split('\n\n');
    expect(first.split('\n').slice(0, 2)).toEqual([
      `${blank}, by ${path}:`,
      'It is nearly of one colour, and shows nothing to classify: the probabilities mean nothing.',
    ]);
    expect(second.trimEnd().split('\n')).toHaveLength(11);
    expect(second).toMatch(new RegExp(`^${article}, by ${path}:\n +\\d`));
    const json = await bench([...argv, '--json'], services);
    const said = z.array(answer).parse(JSON.parse(json.out));
    expect(said.map((one) => [one.image, one.blank])).toEqual([
      [blank, true],
      [article, false],
    ]);
  });

  it('class names and paths from outside steer no terminal and forge no line', async () => {
    const folder = temporaryFolder();
    const names = ['a\u001b[2J\u001b]8;;http://x\u0007b', 'c\n  0.9999  forged', 'd\u202ee\u0085'];
    const classNames = CLASS_NAMES.map((name, i) => names[i] ?? name);
    const path = join(folder, 'mo\u001b[31m\ndel.onnx');
    await exportOnnx(model, path, { classNames });
    const { code, out, err } = await bench(['predict', path], services);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('by ' + join(folder, 'mo\\u001b[31m del.onnx:\n'));
    expect(out.trimEnd().split('\n')).toHaveLength(11);
    const shown = [
      '  a\\u001b[2J\\u001b]8;;http://x\\u0007b\n',
      '  c   0.9999  forged\n',
      '  d\\u202ee\\u0085\n',
    ];
    for (const name of shown) expect(out).toContain(name);
    const json = await bench(['predict', path, '--json'], services);
    expect(json.out).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    const said = answer.parse(JSON.parse(json.out));
    expect(said.model).toBe(path);
    expect(said.classes.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    const missing = await bench(['predict', `${path}\r\u009b2J`], services);
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.err).toMatch(/^[ -~]+ \\u009b2J does not exist[ -~]*\n$/);
  });

  const usage: [string, string[], string][] = [
    [
      'no model',
      ['predict'],
      "'predict' takes one model, but got 0: name an .h5 or .onnx file, a folder with model.json, or a run's folder.",
    ],
    [
      'two models',
      ['predict', 'a.h5', 'b.h5'],
      "'predict' takes one model, but got 2: name an .h5 or .onnx file, a folder with model.json, or a run's folder.",
    ],
    [
      'an image and an index',
      ['predict', 'a.h5', '--image', 'x.png', '--index', '1'],
      '--image and --index exclude each other: choose one.',
    ],
    [
      'a negative index',
      ['predict', 'a.h5', '--index', '-1'],
      "--index must be a whole number of at least 0, not '-1'.",
    ],
    [
      'an index beyond the set',
      ['predict', 'a.h5', '--index', '20'],
      '--index must be at most 19, the last test image, not 20.',
    ],
    [
      'no name of an image',
      ['predict', 'a.h5', '--image', ''],
      "--image must be the path of an image, not ''.",
    ],
    [
      'an image for another part',
      ['knn', '--image', 'x.png'],
      '--image belongs to predict, not to knn: leave it out.',
    ],
    [
      'an index for another part',
      ['--index', '3'],
      '--index belongs to predict, not to a run of all parts: leave it out.',
    ],
  ];
  it.each(usage)('wrong usage, exit code 2: %s', async (_, argv, sentence) => {
    expect(await bench(argv, services)).toEqual({ code: 2, out: '', err: `${sentence}\n` });
  });

  it('exit code 1 and one sentence: a model or an image that is missing or damaged', async () => {
    const folder = temporaryFolder();
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const good = await KINDS.onnx(folder);
    const photo = join(folder, 'photo.onnx');
    writeFileSync(photo, Buffer.from('ffd8ff', 'hex'));
    const failures: [string[], RegExp][] = [
      [[join(folder, 'no.h5')], /no\.h5 does not exist; give a \.keras, \.h5 or \.onnx file/],
      [[temporaryFolder()], /model\.json does not exist/],
      [[file('bad.h5', '\x89HDF\r\n\x1a\nnothing')], /bad\.h5 is no/],
      [[file('bad.onnx', 'no model')], /bad\.onnx/],
      [[photo], /photo\.onnx is a picture and no model; give a model/],
      [[file('model.json', '{"half')], /model\.json is not JSON/],
      [
        [good, '--image', join(folder, 'no.png')],
        /no\.png cannot be read \(there is no such file or folder\)/,
      ],
      [[good, '--image', file('x.png', 'text')], /x\.png is neither a PNG nor a JPEG/],
    ];
    for (const [argv, sentence] of failures) {
      const { code, out, err } = await bench(['predict', ...argv], services);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toMatch(sentence);
      expect(err).toMatch(/^(?!Unexpected)[^\n]+\.\n$/);
    }
  });
});
