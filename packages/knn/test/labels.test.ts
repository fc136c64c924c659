import { describe, expect, it } from 'vitest';
import { KnnInputError, encodeLabels } from '../src/index.ts';

describe('encodeLabels', () => {
  it('sorts numbers by value', () => {
    const { classes, codes } = encodeLabels([10, 9, -3, 10]);
    expect(classes).toEqual([-3, 9, 10]);
    expect([...codes]).toEqual([2, 1, 0, 2]);
  });

  it('takes any safe integer, and typed arrays', () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(encodeLabels([big, -big, big]).classes).toEqual([-big, big]);
    expect(encodeLabels(Uint8Array.of(3, 1, 3)).classes).toEqual([1, 3]);
    expect(encodeLabels(Float64Array.of(-0, 0)).classes).toEqual([0]);
  });

  it('sorts strings by code point, as NumPy does', () => {
    // By UTF-16 units the last two would change places; in UTF-8 halves of surrogate pairs would all be the same.
    const sorted = ['', 'B', 'a', 'ab', 'é', '\ud800', '\ud800x', '\udc00', '\uffee', '\u{1f45f}'];
    const { classes, codes } = encodeLabels(sorted.toReversed());
    expect(classes).toEqual(sorted);
    expect([...codes]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
  });

  it.each([1.5, NaN, 2 ** 53, -(2 ** 53), Infinity])('refuses %d', (label) => {
    expect(() => encodeLabels([0, label])).toThrow(
      new KnnInputError(
        'labels',
        `Label 1 is ${label}, but labels must be whole numbers up to 2^53 in size, or all of them strings.`,
      ),
    );
  });

  it('refuses numbers among strings', () => {
    expect(() => encodeLabels<number | string>(['1', 1])).toThrow('Label 1 is 1, but');
    expect(() => encodeLabels<number | string>([1, '1'])).toThrow('Label 1 is "1", but');
  });

  it('names columns and BigInts, which come from NumPy', () => {
    const fromJavaScript = (labels: unknown) => (): unknown =>
      Reflect.apply(encodeLabels, undefined, [labels]);
    expect(fromJavaScript([[0], [1]])).toThrow(
      'Label 0 is an array of 1, but labels must be whole numbers up to 2^53 in size, or all of them strings: flatten them with labels.flat().',
    );
    expect(fromJavaScript(BigInt64Array.of(3n))).toThrow(
      'Label 0 is the BigInt 3, but labels must be whole numbers up to 2^53 in size, or all of them strings: make numbers of them, Array.from(labels, Number).',
    );
  });
});
