/** The packages of seeded draws: random and augment. */
import { AugmentError, areaStatistics, randomErasing } from '@fashion-bench/augment';
import {
  InvalidSeedError,
  RandomError,
  permutation,
  randomStream,
  shuffleInPlace,
} from '@fashion-bench/random';
import { expect, test } from 'vitest';
import { type Border, faultsOf, missing, texts } from './nonsense.ts';

const stream = randomStream(1, 'borders');
const options = {
  p: 1,
  sL: 0.1,
  sH: 0.2,
  r1: 0.5,
  r2: 2,
  vL: 0,
  vH: 255,
  pixelLevel: false,
  epoch: 0,
};
const nothing = (value: unknown): boolean => value === undefined || value === null;
const borders: Border[] = [
  { name: 'randomStream', call: randomStream, good: [1, 'name', 2], takes: { '1': texts } },
  {
    name: 'uniform',
    call: stream.uniform.bind(stream),
    good: [0, 10],
    takes: { '0': (v) => missing(v) || v === -1 || v === 7.5, '1': (v) => missing(v) || v === 7.5 },
  },
  {
    name: 'integer',
    call: stream.integer.bind(stream),
    good: [0, 10],
    takes: { '0': (v) => v === -1 },
  },
  { name: 'permutation', call: permutation, good: [3, stream] },
  { name: 'shuffleInPlace', call: shuffleInPlace, good: [Uint32Array.of(1, 2), stream] },
  {
    name: 'randomErasing',
    call: randomErasing,
    good: [new Uint8Array(128), { rows: 8, columns: 8, channels: 1 }, { ...options, seed: 1 }],
    takes: {
      '1.channels': missing,
      ...Object.fromEntries(Object.keys(options).map((name) => [`2.${name}`, nothing])),
      '2.r2': (value) => nothing(value) || value === 7.5,
      '2.vL': (value) => nothing(value) || value === 7.5,
      '2.vH': (value) => nothing(value) || value === 7.5,
      '2.pixelLevel': (value) => nothing(value) || value === true,
    },
  },
  { name: 'areaStatistics', call: areaStatistics, good: [Uint16Array.of(1)] },
];

test.each(borders)('$name refuses nonsense in words of its own', async (border) => {
  expect(await faultsOf(border, [AugmentError, RandomError, InvalidSeedError])).toEqual([]);
});

test('images that are no bytes are not cut down to bytes', () => {
  const halves: unknown = new Float32Array(64).fill(0.5);
  expect(() => randomErasing(halves as never, { rows: 8, columns: 8 }, { seed: 1 })).toThrow(
    'The images must be a Uint8Array of pixels from 0 to 255, not Float32Array(64)',
  );
});
