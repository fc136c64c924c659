/**
 * The bytes of a checkpoint file, all numbers in the machine's byte order, which the header names:
 *
 *     8    "FBCKPT\x1a\n"
 *     4    version of the format, uint32 little-endian
 *     4    length of the header, uint32 little-endian
 *     ...  header: JSON in UTF-8, spaces up to a multiple of 4
 *     ...  weights, then each slot, then the weights of the best epoch (float32), then the order of the current epoch (uint32)
 *     32   SHA-256 of everything before
 */
import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import { CheckpointError } from '../errors.ts';
import type { TrainerState } from '../trainer/trainer.ts';
import { headerSchema, type Checkpoint, type Header } from './checkpoint.ts';

export const MAGIC: Buffer = Buffer.from('FBCKPT\x1a\n', 'latin1');
const VERSION = 1;
const FIXED = MAGIC.length + 8;
const HASH_BYTES = 32;

function bytesOf(array: Float32Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

export function encodeCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { snapshot, order, configuration, environment, streams, history } = checkpoint;
  const { weights, slots, step } = snapshot.state;
  const { figures, best } = snapshot.watched ?? {};
  const header = {
    byteOrder: endianness(),
    position: snapshot.position,
    configuration,
    environment,
    streams,
    history,
    step,
    ...(figures && { figures }),
    vectors: {
      weights: weights.length,
      slots: slots.map((slot) => slot.length),
      order: order?.length ?? null,
      ...(best && { best: best.length }),
    },
  };
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.alloc(Math.ceil(json.length / 4) * 4, ' ');
  json.copy(padded);
  const fixed = Buffer.alloc(FIXED);
  MAGIC.copy(fixed);
  fixed.writeUInt32LE(VERSION, MAGIC.length);
  fixed.writeUInt32LE(padded.length, MAGIC.length + 4);
  const vectors = [weights, ...slots, ...(best ? [best] : []), ...(order ? [order] : [])].map(
    bytesOf,
  );
  const content = Buffer.concat([fixed, padded, ...vectors]);
  return Buffer.concat([content, sha256(content)]);
}

/**
 * @param where what to call it in messages, usually the file's path.
 * @throws CheckpointError 'version' for a file of another version of the format, 'damaged' for anything else that is
 * not whole.
 */
export function decodeCheckpoint(file: Uint8Array, where: string): Checkpoint {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const damaged = (why: string, options?: ErrorOptions): CheckpointError =>
    new CheckpointError('damaged', `${where} is damaged: ${why}.`, options);
  if (bytes.length < FIXED + HASH_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw damaged('it is not a checkpoint, or only the beginning of one');
  }
  const content = bytes.subarray(0, -HASH_BYTES);
  if (!sha256(content).equals(bytes.subarray(-HASH_BYTES))) {
    throw damaged('its bytes do not give the SHA-256 at its end');
  }
  const version = content.readUInt32LE(MAGIC.length);
  if (version !== VERSION) {
    throw new CheckpointError(
      'version',
      `${where} has version ${version} of the checkpoint format, but this program reads version ${VERSION}: go on with the program that wrote it.`,
    );
  }
  const length = content.readUInt32LE(MAGIC.length + 4);
  if (length % 4 !== 0 || FIXED + length > content.length) {
    throw damaged(`its header of ${length} bytes does not fit into the file`);
  }
  const header = parseHeader(content.subarray(FIXED, FIXED + length), damaged);
  return withVectors(header, content.subarray(FIXED + length), damaged);
}

type Damaged = (why: string, options?: ErrorOptions) => CheckpointError;

function parseHeader(bytes: Buffer, damaged: Damaged): Header {
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw damaged('its header is not JSON', { cause });
  }
  const result = headerSchema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw damaged(`its header has no valid ${place || 'content'} (${issue?.message ?? 'unknown'})`, {
    cause: result.error,
  });
}

function withVectors(header: Header, numbers: Buffer, damaged: Damaged): Checkpoint {
  const { position, step, vectors, configuration, environment, streams, history } = header;
  const lengths = [vectors.weights, ...vectors.slots, vectors.best ?? 0, vectors.order ?? 0];
  const expected = 4 * lengths.reduce((sum, length) => sum + length, 0);
  if (numbers.length !== expected) {
    throw damaged(`it has ${numbers.length} bytes of numbers where its header says ${expected}`);
  }
  // A copy, because the place in the file need not be a multiple of four in memory.
  const buffer = new Uint8Array(numbers).buffer;
  let at = 0;
  const next = (length: number): Float32Array => {
    const vector = new Float32Array(buffer, at, length);
    at += vector.byteLength;
    return vector;
  };
  const weights = next(vectors.weights);
  const slots = vectors.slots.map(next);
  const best = vectors.best === undefined ? undefined : next(vectors.best);
  const order = vectors.order === null ? null : new Uint32Array(buffer, at, vectors.order);
  // Required: whatever is added to the state must be added to the format before this compiles.
  const state: Required<TrainerState> = { weights, slots, step };
  const snapshot = {
    ...{ state, position },
    ...(header.figures && { watched: { figures: header.figures, ...(best && { best }) } }),
  };
  return { snapshot, configuration, environment, streams, order, history };
}
