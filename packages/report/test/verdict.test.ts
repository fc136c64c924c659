import { describe, expect, it } from 'vitest';
import { verdict } from '../src/index.ts';
import { cnnDepartures, knnDepartures } from '../src/verdict.ts';
import { fullRecord } from './fixture.ts';

describe('verdict', () => {
  // 8577 of 10,000: the interval is 0.85072 to 0.86441.
  it.each([
    [0.8577, 'reproduced exactly'],
    [0.8554, 'within the interval'],
    [0.8644, 'within the interval'],
    [0.8645, 'below'],
    [0.8507, 'above'],
    [0.8508, 'within the interval'],
  ])('8,577 of 10,000 beside %d: %s', (published, words) => {
    expect(verdict(8577, 10_000, published)).toBe(words);
  });
});

describe('departures from a recipe', () => {
  const record = fullRecord();

  it('names what differs in k-NN', () => {
    const recipe = { k: 5, weights: 'distance', metric: 'euclidean', standardised: false } as const;
    const [uniform, distance] = record.knn;
    if (uniform === undefined || distance === undefined) throw new Error('the fixture has two');
    expect(knnDepartures(distance, recipe)).toEqual([]);
    expect(knnDepartures({ ...uniform, k: 9, standardised: true }, recipe)).toEqual([
      'k 9 instead of 5',
      'weights uniform instead of distance',
      'pixels standardised instead of raw',
    ]);
  });

  it('names what differs in a training', () => {
    const recipe = {
      parameters: 438_122,
      optimizer: 'adam',
      batchSize: 32,
      epochs: 50,
      augment: 'once',
      p: 0.15,
    } as const;
    const [run] = record.cnn;
    if (run === undefined) throw new Error('the fixture has one');
    expect(cnnDepartures(run, recipe)).toEqual([]);
    expect(
      cnnDepartures(
        {
          ...run,
          batchSize: 128,
          epochs: run.epochs.slice(0, 1),
          network: { name: 'other', parameters: 412_778 },
          optimizer: { name: 'SGD', settings: {} },
          augment: { mode: 'none', p: null, erased: 0, fraction: 0, areaPixels: null },
        },
        recipe,
      ),
    ).toEqual([
      'parameters 412,778 instead of 438,122',
      'optimizer sgd instead of adam',
      'batch size 128 instead of 32',
      'epochs 1 instead of 50',
      'Random Erasing none instead of once, p = 0.15',
    ]);
  });
});
