import { publishedRecipe, studyRecipe } from '@fashion-bench/cnn';
import { describe, expect, it } from 'vitest';

import { OPTION_NAMES, OPTIONS, longName } from '../src/command-line/options.ts';
import { parseCommandLine } from '../src/command-line/parse.ts';
import { PART_NAMES, partName } from '../src/command-line/parts.ts';
import { QUICK } from '../src/command-line/recipes.ts';
import {
  isFullTraining,
  optionsForRecord,
  readSettings,
  trainingsOf,
} from '../src/command-line/settings.ts';
import { optimizerOf } from '../src/parts/cnn/networks.ts';
import { VERSION } from '../src/process/version.ts';
import { bench, fakeServices, temporaryFolder } from './fakes.ts';

const ignore = (): void => undefined;

describe('wrong usage: exit code 2, one sentence, nothing written', () => {
  const cases: [string, string[], string][] = [
    ['k of 0', ['knn', '--k', '0'], "--k must be a whole number of at least 1, not '0'."],
    ['k negative', ['knn', '--k', '-3'], "--k must be a whole number of at least 1, not '-3'."],
    ['k fractional', ['knn', '--k', '2.5'], "--k must be a whole number of at least 1, not '2.5'."],
    [
      'k no number',
      ['knn', '--k', 'five'],
      "--k must be a whole number of at least 1, not 'five'.",
    ],
    [
      'epochs 0',
      ['cnn', '--epochs', '0'],
      "--epochs must be a whole number of at least 1, not '0'.",
    ],
    [
      'seeds beyond the largest',
      ['--seed', '4294967295', '--repeats', '2'],
      '--repeats 2 counts up from --seed 4294967295, beyond the largest seed, 4294967295: choose a smaller seed.',
    ],
    [
      'a batch for repetitions that are not',
      ['--repeat-batch-size', '128'],
      '--repeat-batch-size needs --repeats of 2 or more.',
    ],
    [
      'batch 0',
      ['--batch-size', '0'],
      "--batch-size must be a whole number of at least 1, not '0'.",
    ],
    [
      'seed too large',
      ['--seed', '4294967296'],
      "--seed must be a whole number from 0 to 4294967295, not '4294967296'.",
    ],
    ['threads 0', ['--threads', '0'], "--threads must be a whole number from 1 to 64, not '0'."],
    [
      'limit 0',
      ['--train-limit', '0'],
      "--train-limit must be a whole number of at least 1, not '0'.",
    ],
    [
      'unknown engine',
      ['--engine', 'cuda'],
      "--engine must be auto, tensorflow-gpu, tensorflow, onnx-cpu, onnx-webgpu, reference, not 'cuda'.",
    ],
    [
      'unknown weights',
      ['--weights', 'both'],
      "--weights must be uniform or distance, not 'both'.",
    ],
    [
      'unknown protocol',
      ['knn', '--protocol', 'mine'],
      "--protocol must be study or published, not 'mine'.",
    ],
    [
      'a grid and one of its settings',
      ['knn', '--protocol', 'published', '--k', '5'],
      '--protocol published runs its whole grid: leave --k and --weights out.',
    ],
    [
      'unknown augment',
      ['--augment', 'twice'],
      "--augment must be once, epoch or none, not 'twice'.",
    ],
    [
      'unknown network',
      ['cnn', '--network', 'lenet'],
      "--network must be study or published, not 'lenet'.",
    ],
    [
      'unknown optimizer',
      ['--optimizer', 'ftrl'],
      "--optimizer must be adam, sgd, rmsprop, adamax or lion, not 'ftrl'.",
    ],
    ...['0', '-1', 'fast', '', 'Infinity'].map((rate): [string, string[], string] => [
      `learning rate '${rate}'`,
      [`--learning-rate=${rate}`],
      `--learning-rate must be a number above 0, not '${rate}'.`,
    ]),
    [
      'unknown command',
      ['svm'],
      "Unknown command 'svm': choose knn, cnn, kernels, peers, engines, predict, report, compare, or none.",
    ],
    ['unknown option', ['--frobnicate'], "Unknown option '--frobnicate'; --help lists them all."],
    ['misspelt option', ['--epoch', '3'], "Unknown option '--epoch' (Did you mean --epochs?)."],
    ['value missing', ['knn', '--k'], "Option '--k <n>' argument missing; --help lists them all."],
    ['too many words', ['knn', 'cnn'], "'knn' takes no further words, but got 'cnn'."],
    [
      'synthetic and a folder',
      ['--synthetic', '--data-dir', 'x'],
      '--synthetic and --data-dir exclude each other: choose one.',
    ],
    ['empty folder name', ['--out', ''], "--out must be the path of a folder, not ''."],
    [
      'two records as JSON',
      ['report', 'a', 'b', '--json'],
      '--json prints one record: name one only.',
    ],
  ];
  it.each(cases)('%s', async (_, argv, sentence) => {
    expect(await bench(argv, fakeServices())).toEqual({ code: 2, out: '', err: `${sentence}\n` });
  });

  const dataCases: [string, string[], string][] = [
    [
      'k above n',
      ['knn', '--k', '61'],
      '--k must be at most 60, the training images in use, not 61.',
    ],
    [
      'k above the limit',
      ['knn', '--k', '31', '--train-limit', '30'],
      '--k must be at most 30, the training images in use, not 31.',
    ],
    [
      'repeated batch larger than the set',
      ['cnn', '--repeats', '2', '--repeat-batch-size', '61'],
      '--repeat-batch-size must be at most 60, the training images in use, not 61.',
    ],
    [
      'batch larger than the set',
      ['cnn', '--batch-size', '61'],
      '--batch-size must be at most 60, the training images in use, not 61.',
    ],
    [
      'train limit above the set',
      ['knn', '--train-limit', '61'],
      '--train-limit must be at most 60, the images in the train set, not 61.',
    ],
    [
      'test limit above the set',
      ['knn', '--test-limit', '21'],
      '--test-limit must be at most 20, the images in the test set, not 21.',
    ],
  ];
  it.each(dataCases)('%s', async (_, argv, sentence) => {
    const out = `${temporaryFolder()}/run`;
    const outcome = await bench([...argv, '--quiet', '--out', out], fakeServices());
    expect(outcome).toEqual({ code: 2, out: '', err: `${sentence}\n` });
    const { existsSync } = await import('node:fs');
    expect(existsSync(out)).toBe(false);
  });

  it('a k or batch that another part would refuse does not stop this one', async () => {
    const few = ['--quiet', '--test-limit', '20', '--train-limit', '4', '--out'];
    const knn = ['knn', '--k', '4', ...few, `${temporaryFolder()}/a`];
    const cnn = ['cnn', '--batch-size', '4', ...few, `${temporaryFolder()}/a`];
    expect(await bench(knn, fakeServices())).toMatchObject({ code: 0, err: '' });
    expect(await bench(cnn, fakeServices())).toMatchObject({ code: 0, err: '' });
  });
});

describe('every option belongs to parts', () => {
  const given = OPTION_NAMES.flatMap((name) =>
    PART_NAMES.map((part) => {
      const { takes, parts } = OPTIONS[name];
      const flag = `--${longName(name)}`;
      const words = part === 'all' ? [] : part.split(' ');
      const argv = takes === undefined ? [...words, flag] : [...words, flag, '1'];
      return { name, part, flag, argv, belongs: parts.includes(part) };
    }),
  );

  it.each(given.filter(({ belongs }) => !belongs))(
    '$flag is refused by $part',
    async ({ name, part, flag, argv }) => {
      const { code, out, err } = await bench(argv, fakeServices());
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(new RegExp(`^${flag} belongs to .*, not to ${partName(part)}: leave it`));
      const [, owners = ''] = /belongs to (.*), not to /.exec(err) ?? [];
      expect(owners.split(/, | and /).toSorted()).toEqual(
        OPTIONS[name].parts.map(partName).toSorted(),
      );
    },
  );

  it.each(given.filter(({ belongs }) => belongs))(
    '$flag is taken by $part',
    ({ part, argv, name }) => {
      const line = parseCommandLine(argv, ignore);
      expect(line?.part).toBe(part);
      expect(Object.keys(line?.options ?? {})).toEqual([name]);
    },
  );

  it.each(PART_NAMES.filter((part) => part !== 'all'))('%s --help lists its own', async (part) => {
    const { code, out, err } = await bench([...part.split(' '), '--help']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const listed = [...out.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, flag]) => flag);
    const own = OPTION_NAMES.filter((name) => OPTIONS[name].parts.includes(part));
    expect(listed.toSorted()).toEqual(own.map(longName).toSorted());
  });
});

describe('command line', () => {
  it('drops a leading --, takes options on both sides of the part', () => {
    const line = parseCommandLine(['--', '--quick', 'knn', '--k', '7'], ignore);
    expect(line).toEqual({ part: 'knn', operands: [], options: { quick: true, k: '7' } });
    expect(parseCommandLine([], ignore)?.part).toBe('all');
    expect(parseCommandLine(['report', 'a', 'b'], ignore)?.operands).toEqual(['a', 'b']);
  });

  it.each([['--help'], ['-h'], ['help']])('%s prints the manual', async (...argv) => {
    const { code, out, err } = await bench(argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const word of [
      'Usage: pnpm bench',
      'Examples:',
      'Exit status:',
      'Files:',
      'Environment:',
    ]) {
      expect(out).toContain(word);
    }
    for (const name of OPTION_NAMES) {
      expect(out).toMatch(new RegExp(`^  --${longName(name)}\\b`, 'm'));
    }
    for (const part of PART_NAMES) {
      if (part !== 'all') expect(out).toMatch(new RegExp(`^  ${part.split(' ')[0]}  `, 'm'));
    }
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

it('--version prints the version', async () => {
  expect(await bench(['--version'])).toEqual({ code: 0, out: `${VERSION}\n`, err: '' });
});

describe('settings', () => {
  it("defaults are the study's recipe", () => {
    expect(readSettings({})).toMatchObject({
      ...{ engine: 'auto', epochs: 50, batchSize: 32, seed: 42, k: 5, augment: 'once' },
      ...{ weights: ['uniform', 'distance'], trainLimit: null, testLimit: null, threads: null },
    });
  });

  it('each network has the recipe of the package cnn', () => {
    for (const [network, recipe] of [
      ['study', studyRecipe],
      ['published', publishedRecipe],
    ] as const) {
      const settings = readSettings({ network });
      const { epochs, batchSize, augment } = settings;
      expect({ epochs, batchSize, augment }).toEqual({
        ...{ epochs: recipe.epochs, batchSize: recipe.batchSize, augment: recipe.erasing.when },
      });
      expect(optimizerOf(settings)).toEqual(recipe.optimizer);
    }
    expect(readSettings({ network: 'published', optimizer: 'adam' }).learningRate).toBe(0.001);
    expect(readSettings({ optimizer: 'sgd' }).learningRate).toBe(0.01);
    expect(readSettings({ learningRate: '3e-4' }).learningRate).toBe(0.0003);
  });

  it("only the study's recipe on all images promises an accuracy", () => {
    expect(isFullTraining(readSettings({}))).toBe(true);
    const others = [{ network: 'published' }, { optimizer: 'sgd' }, { learningRate: '0.01' }];
    const asLong = { batchSize: '32', augment: 'once', optimizer: 'adam' };
    for (const raw of [...others, { ...asLong, network: 'published' }]) {
      expect(isFullTraining(readSettings(raw))).toBe(false);
    }
  });

  it('--quick sets what was not given', () => {
    expect(readSettings({ quick: true })).toMatchObject(QUICK);
    expect(readSettings({ quick: true, epochs: '3', testLimit: '10' })).toMatchObject({
      ...{ epochs: 3, testLimit: 10, trainLimit: QUICK.trainLimit },
    });
    expect(readSettings({ quick: true, synthetic: true }).trainLimit).toBeNull();
  });

  it('repetitions count seeds up, the later ones with a batch of their own', () => {
    expect(trainingsOf(readSettings({}))).toEqual([{ seed: 42, batchSize: 32 }]);
    const raw = { seed: '7', repeats: '3', repeatBatchSize: '128' };
    expect(trainingsOf(readSettings(raw))).toEqual([
      { seed: 7, batchSize: 32 },
      { seed: 8, batchSize: 128 },
      { seed: 9, batchSize: 128 },
    ]);
  });

  it('are recorded under their long names', () => {
    const recorded = optionsForRecord(readSettings({ weights: 'distance', dataDir: 'x' }));
    expect(recorded).toMatchObject({ 'batch-size': 32, 'data-dir': 'x', weights: ['distance'] });
  });
});
