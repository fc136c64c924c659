// A strict parser of IDX files of unsigned bytes, the format of MNIST and its descendants (described at the foot of
// Yann LeCun's MNIST page): two zero bytes, a type byte, the rank, each dimension as a big-endian uint32, then the
// values, the last dimension fastest. Whatever deviates is refused; nothing is guessed or padded.

import { isBytes, isWhole, mustBe } from './checks.ts';
import { DatasetError } from './errors.ts';
import { IMAGE_COLUMNS, IMAGE_ROWS } from './types.ts';

/** The array in an IDX file. */
export interface IdxArray {
  readonly dimensions: readonly number[];
  /** [product of dimensions]: a view of the bytes given, not a copy. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 0x08;

const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x09: 'int8',
  0x0b: 'int16',
  0x0c: 'int32',
  0x0d: 'float32',
  0x0e: 'float64',
};

/**
 * Parses IDX bytes of type uint8.
 *
 * @param bytes the whole unpacked file.
 * @param name what to call it in an error message, such as its path.
 * @param dimensions when given, rank and every dimension must be these; undefined leaves one open.
 * @throws DatasetError 'idx' for another type, rank, dimension or length.
 */
export function parseIdx(
  bytes: Uint8Array,
  name = 'The IDX data',
  dimensions?: readonly (number | undefined)[],
): IdxArray {
  mustBe('The content of an IDX file', bytes, 'a Uint8Array', isBytes(bytes), 'idx');
  mustBe('The name of the IDX data', name, 'a text', typeof name === 'string');
  mustBe('The dimensions', dimensions, 'a list of whole numbers', isShape(dimensions));
  const refuse = (why: string): never => {
    throw new DatasetError('idx', `${name} ${why}.`);
  };
  if (bytes.length < 4) refuse(`holds ${bytes.length} bytes, too few for an IDX header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) === 0x1f8b) refuse('is still packed by gzip: unpack it before parsing');
  if (view.getUint16(0) !== 0) refuse('is not an IDX file: it does not begin with two zero bytes');

  const type = view.getUint8(2);
  if (type !== UNSIGNED_BYTE) {
    const found = TYPE_NAMES[type] ?? 'an unknown type';
    refuse(
      `has IDX type byte 0x${type.toString(16).padStart(2, '0')} (${found}), not 0x08 (uint8)`,
    );
  }
  const rank = view.getUint8(3);
  if (rank === 0) refuse('has an IDX header without dimensions');
  if (dimensions !== undefined && rank !== dimensions.length) {
    refuse(`has ${rank} dimensions, not ${dimensions.length}`);
  }

  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes) {
    refuse(`holds ${bytes.length} bytes, too few for an IDX header with ${rank} dimensions`);
  }
  const found: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const size = view.getUint32(4 + 4 * axis);
    const expected = dimensions?.[axis];
    if (expected !== undefined && size !== expected) {
      refuse(`has dimension ${axis} of size ${size}, not ${expected}`);
    }
    found.push(size);
  }

  const length = headerBytes + found.reduce((product, size) => product * size, 1);
  if (bytes.length !== length) {
    refuse(
      `holds ${bytes.length} bytes where its dimensions [${found.join(', ')}] ask for ${length}: it is ${bytes.length < length ? 'truncated' : 'too long'}`,
    );
  }
  return {
    dimensions: found,
    // Not bytes.subarray: a Buffer would then stay a Buffer.
    data: new Uint8Array(bytes.buffer, bytes.byteOffset + headerBytes, length - headerBytes),
  };
}

function isShape(dimensions: unknown): boolean {
  if (dimensions === undefined) return true;
  if (!Array.isArray(dimensions)) return false;
  return dimensions.every((size) => size === undefined || isWhole(size, 0, 2 ** 32 - 1));
}

/**
 * Images of 28 x 28 pixels from IDX bytes, [n * 784], a view.
 * @param count when given, there must be this many.
 * @throws DatasetError 'idx' when the bytes are anything else.
 */
export function parseImages(
  bytes: Uint8Array,
  name = 'The image file',
  count?: number,
): Uint8Array {
  return parseIdx(bytes, name, [count, IMAGE_ROWS, IMAGE_COLUMNS]).data;
}

/**
 * Labels in 0..9 from IDX bytes, [n], a view.
 * @param count when given, there must be this many.
 * @throws DatasetError 'idx' when the bytes are anything else.
 */
export function parseLabels(
  bytes: Uint8Array,
  name = 'The label file',
  count?: number,
): Uint8Array {
  const { data } = parseIdx(bytes, name, [count]);
  const wrong = data.findIndex((label) => label > 9);
  if (wrong >= 0) {
    throw new DatasetError(
      'idx',
      `${name} has label ${data[wrong]!} at position ${wrong}: labels must be 0 to 9.`,
    );
  }
  return data;
}
