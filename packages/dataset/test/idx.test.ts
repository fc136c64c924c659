import { expect, test } from 'vitest';
import { DatasetError, parseIdx, parseImages, parseLabels } from '../src/index.ts';
import { idx } from './support/fake.ts';

const good = idx([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));

function changed(at: number, value: number): Uint8Array {
  const bytes = Uint8Array.from(good);
  bytes[at] = value;
  return bytes;
}

test('reads dimensions and values, as a view', () => {
  const { dimensions, data } = parseIdx(good);
  expect(dimensions).toEqual([2, 3]);
  expect(data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  expect(data.buffer).toBe(good.buffer);
});

test('reads from the middle of a larger buffer', () => {
  const larger = new Uint8Array(good.length + 10).fill(99);
  larger.set(good, 5);
  expect(parseIdx(larger.subarray(5, 5 + good.length)).data).toEqual(parseIdx(good).data);
});

test('reads big-endian sizes above 255', () => {
  const { dimensions, data } = parseIdx(idx([258], new Uint8Array(258).fill(7)));
  expect(dimensions).toEqual([258]);
  expect(data).toHaveLength(258);
});

test.each<[string, Uint8Array, (number | undefined)[] | undefined, string]>([
  ['nothing', new Uint8Array(0), undefined, 'f.idx holds 0 bytes, too few for an IDX header.'],
  [
    'a packed file',
    changed(0, 0x1f).map((b, i) => (i === 1 ? 0x8b : b)),
    undefined,
    'f.idx is still packed by gzip: unpack it before parsing.',
  ],
  [
    'another format',
    changed(0, 0x50),
    undefined,
    'f.idx is not an IDX file: it does not begin with two zero bytes.',
  ],
  [
    'floats',
    changed(2, 0x0d),
    undefined,
    'f.idx has IDX type byte 0x0d (float32), not 0x08 (uint8).',
  ],
  [
    'an unknown type',
    changed(2, 0x07),
    undefined,
    'f.idx has IDX type byte 0x07 (an unknown type), not 0x08 (uint8).',
  ],
  ['no dimensions', changed(3, 0), undefined, 'f.idx has an IDX header without dimensions.'],
  [
    'a header cut short',
    good.subarray(0, 9),
    undefined,
    'f.idx holds 9 bytes, too few for an IDX header with 2 dimensions.',
  ],
  ['another rank', good, [2, 3, 1], 'f.idx has 2 dimensions, not 3.'],
  ['another dimension', good, [undefined, 4], 'f.idx has dimension 1 of size 3, not 4.'],
  [
    'a truncated file',
    good.subarray(0, -1),
    undefined,
    'f.idx holds 17 bytes where its dimensions [2, 3] ask for 18: it is truncated.',
  ],
  [
    'a file too long',
    Buffer.concat([good, Uint8Array.of(0)]),
    undefined,
    'f.idx holds 19 bytes where its dimensions [2, 3] ask for 18: it is too long.',
  ],
])('refuses %s', (_, bytes, dimensions, message) => {
  expect(() => parseIdx(bytes, 'f.idx', dimensions)).toThrow(new DatasetError('idx', message));
  expect(() => parseIdx(bytes, 'f.idx', dimensions)).toThrow(
    expect.objectContaining({ code: 'idx' }),
  );
});

test('images must be 28 x 28', () => {
  expect(parseImages(idx([2, 28, 28], new Uint8Array(2 * 784)))).toHaveLength(2 * 784);
  expect(() => parseImages(idx([2, 28, 27], new Uint8Array(2 * 28 * 27)))).toThrow(
    'The image file has dimension 2 of size 27, not 28.',
  );
  expect(() => parseImages(idx([2, 28, 28], new Uint8Array(2 * 784)), 'x', 3)).toThrow(
    'x has dimension 0 of size 2, not 3.',
  );
});

test('labels must be 0 to 9', () => {
  expect([...parseLabels(idx([3], Uint8Array.of(0, 9, 5)))]).toEqual([0, 9, 5]);
  expect(() => parseLabels(idx([3], Uint8Array.of(0, 10, 5)))).toThrow(
    'The label file has label 10 at position 1: labels must be 0 to 9.',
  );
});
