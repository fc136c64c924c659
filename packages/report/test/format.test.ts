import { describe, expect, it } from 'vitest';
import {
  formatAccuracy,
  formatBytes,
  formatCount,
  formatGops,
  formatPercent,
  formatPoints,
  formatRange,
  formatSeconds,
} from '../src/index.ts';

describe('formatSeconds', () => {
  it.each([
    [0, '0 s'],
    [2.5e-7, '0.250 µs'],
    [0.000214, '214 µs'],
    [0.00099949, '999 µs'],
    [0.0009996, '1.00 ms'],
    [0.0319, '31.9 ms'],
    [0.99949, '999 ms'],
    [0.9996, '1.00 s'],
    [1.978, '1.98 s'],
    [9.999, '10.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 00 s'],
    [1450, '24 min 10 s'],
    [3599.4, '59 min 59 s'],
    [3599.6, '1 h 00 min'],
    [3725, '1 h 02 min'],
    [90_000, '25 h 00 min'],
  ])('%d s is %s', (seconds, words) => {
    expect(formatSeconds(seconds)).toBe(words);
  });

  it('names both ends of a range', () => {
    expect(formatRange(0.0008, 0.0012)).toBe('800 µs to 1.20 ms');
  });
});

describe('other quantities', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [438_122, '438,122'],
    [1_234_567, '1,234,567'],
  ])('counts %d as %s', (value, words) => {
    expect(formatCount(value)).toBe(words);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1023, '0.999 KiB'],
    [1024, '1.00 KiB'],
    [851_443_712, '812 MiB'],
    [1_288_490_189, '1.20 GiB'],
    [16_777_216_000, '15.6 GiB'],
  ])('%d bytes are %s', (value, words) => {
    expect(formatBytes(value)).toBe(words);
  });

  it.each([
    [0.0014, '+0.14'],
    [-0.0023, '−0.23'],
    [0.00004, '0.00'],
    [-0.00004, '0.00'],
    [0.8577 - 0.8577, '0.00'],
  ])('a difference of %d is %s points', (difference, words) => {
    expect(formatPoints(difference)).toBe(words);
  });

  it('gives accuracies four decimals, percentages two, throughputs three digits', () => {
    expect(formatAccuracy(0.86)).toBe('0.8600');
    expect(formatPercent(9107 / 60_000)).toBe('15.18 %');
    expect(formatGops(584.4)).toBe('584 GOP/s');
    expect(formatGops(1.607)).toBe('1.61 GOP/s');
  });
});
