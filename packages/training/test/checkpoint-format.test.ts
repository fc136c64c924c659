import { createHash } from 'node:crypto';
import { randomStream } from '@fashion-bench/random';
import { describe, expect, test } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../src/checkpoint/format.ts';
import { CheckpointError } from '../src/index.ts';
import { checkpointAt } from './support/checkpoints.ts';

const whole = encodeCheckpoint(checkpointAt(7));

/** The same content with a SHA-256 that is right again: what a clever forger would do. */
function resealed(bytes: Uint8Array): Uint8Array {
  const content = bytes.subarray(0, -32);
  return Buffer.concat([content, createHash('sha256').update(content).digest()]);
}

function withHeader(change: (header: Record<string, unknown>) => void): Uint8Array {
  const bytes = Buffer.from(whole);
  const length = bytes.readUInt32LE(12);
  const header = JSON.parse(bytes.toString('utf8', 16, 16 + length)) as Record<string, unknown>;
  change(header);
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((4 - (json.length % 4)) % 4, ' ')]);
  const start = Buffer.from(bytes.subarray(0, 16));
  start.writeUInt32LE(padded.length, 12);
  return resealed(Buffer.concat([start, padded, bytes.subarray(16 + length)]));
}

function refusal(bytes: Uint8Array): CheckpointError {
  try {
    decodeCheckpoint(bytes, 'FILE');
  } catch (error) {
    if (error instanceof CheckpointError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe('a checkpoint file', () => {
  test('holds every bit: minus zero, denormals, float64 sums, the order, any text', () => {
    const read = decodeCheckpoint(whole, 'FILE');
    expect(read).toEqual(checkpointAt(7));
    expect(Object.is(read.snapshot.state.weights[1], -0)).toBe(true);
  });

  test('reads from any place in memory', () => {
    const larger = new Uint8Array(whole.length + 3);
    larger.set(whole, 3);
    expect(decodeCheckpoint(larger.subarray(3), 'FILE')).toEqual(checkpointAt(7));
  });

  test('between two epochs there is no order, and SGD has no slots', () => {
    const bare = checkpointAt(7);
    const { state, position } = bare.snapshot;
    const checkpoint = {
      ...bare,
      order: null,
      snapshot: { state: { ...state, slots: [] }, position },
    };
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint), 'FILE')).toEqual(checkpoint);
  });
});

describe('refused in one sentence', () => {
  test('cut off at every byte', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(refusal(whole.subarray(0, length)).message).toMatch(/^FILE is damaged: .*\.$/);
    }
  });

  test('any flipped bit', () => {
    for (let at = 0; at < whole.length; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = bytes[at]! ^ (1 << (at % 8));
      expect(refusal(bytes).code).toBe('damaged');
    }
  });

  test('another version, by its number', () => {
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(2, 8);
    const { code, message } = refusal(resealed(bytes));
    expect(code).toBe('version');
    expect(message).toContain('version 2');
  });

  test.each<[string, (header: Record<string, unknown>) => void, string]>([
    ['vectors longer than the file', (h) => (h['vectors'] = vectors(1e9)), 'bytes of numbers'],
    ['vectors shorter than the file', (h) => (h['vectors'] = vectors(1)), 'bytes of numbers'],
    ['a negative length', (h) => (h['vectors'] = vectors(-1)), 'vectors.weights'],
    ['half a step', (h) => (h['step'] = 1.5), 'step'],
    ['no position', (h) => delete h['position'], 'position'],
    ['a loss that is no number', (h) => (h['position'] = { lossSum: null }), 'position'],
    ['an unknown key', (h) => (h['more'] = 1), 'content'],
    ['the other byte order', (h) => (h['byteOrder'] = 'BE'), 'byteOrder'],
    ['a configuration without seed', (h) => (h['configuration'] = {}), 'configuration.seed'],
  ])('%s, under a SHA-256 that is right', (_, change, words) => {
    const { code, message } = refusal(withHeader(change));
    expect(code).toBe('damaged');
    expect(message).toContain(words);
  });

  test('a header longer than the file, or no JSON', () => {
    const long = Buffer.from(whole);
    long.writeUInt32LE(0xffff_fffc, 12);
    expect(refusal(resealed(long)).message).toContain('header of 4294967292 bytes');
    const noJson = Buffer.from(whole);
    noJson[16] = 0x5b;
    expect(refusal(resealed(noJson)).message).toContain('not JSON');
  });

  test('10,000 mutated files under a right SHA-256: read whole or refused, nothing else', () => {
    const stream = randomStream(7, 'mutations');
    const count = (read: boolean): number => (read ? 1 : 0);
    let reads = 0;
    for (let i = 0; i < 10_000; i++) {
      let bytes = Uint8Array.from(whole);
      for (let n = stream.integer(1, 6); n > 0; n--) {
        const at = stream.integer(0, bytes.length - 32);
        bytes[at] = stream.integer(0, 256);
      }
      if (stream.integer(0, 4) === 0) bytes = bytes.slice(0, stream.integer(32, bytes.length));
      reads += count(readsWhole(resealed(bytes)));
    }
    // Most bytes belong to numbers and texts that may be anything; most mutations hit the header's grammar.
    expect(reads).toBeGreaterThan(100);
    expect(reads).toBeLessThan(9_900);
  });
});

function vectors(weights: number): object {
  return { weights, slots: [5, 5], order: 3 };
}

function readsWhole(bytes: Uint8Array): boolean {
  try {
    const { snapshot, order } = decodeCheckpoint(bytes, 'FILE');
    const { weights, slots } = snapshot.state;
    const lengths = [weights.length, ...slots.map((slot) => slot.length), order?.length ?? 0];
    return lengths.every((length) => Number.isInteger(length));
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}
