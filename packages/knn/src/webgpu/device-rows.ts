/**
 * Training rows in the memory of a device, in parts of less than 128 MiB: the least that WebGPU promises for one buffer. What
 * is computed with them stands in graphs.ts.
 */
import type { DeviceResults, DeviceSession, DeviceTensor, TensorValue } from '@fashion-bench/onnx';
import type { Onnx } from '../kernels/peers.ts';
import { rowsOf, squaredNorms } from '../matrix.ts';
import type { CheckedMatrix, Matrix } from '../matrix.ts';
import { scoreGraph, selectionGraph } from './graphs.ts';

/** Columns that a work group sorts in its own memory. */
const TILE = 2000;
/** Of one buffer, in bytes; WebGPU's default limit for storage buffers is 128 MiB. */
const MAX_BUFFER = 120 * 2 ** 20;
/** Score of a row that is only there to fill a tile. */
const NEVER = 3e38;

/** Rows [from, from + rows) on the device. */
interface Part {
  readonly from: number;
  readonly rows: number;
  readonly tiles: number;
  readonly upload: DeviceSession;
  /** [tiles * tile, columns] */
  readonly data: DeviceTensor;
  /** [1, tiles * tile] */
  readonly norms: DeviceTensor;
}

/** All scores of one part. */
export interface Scores {
  /** Rows [from, from + rows) of the whole matrix. */
  readonly from: number;
  readonly rows: number;
  /** [queries, stride], of which the first `rows` of each query count */
  readonly scores: Float32Array;
  readonly stride: number;
}

/** For a block of queries, from one part: the best scores, ascending, and the rows they belong to. */
export interface Candidates {
  /** [queries, count] */
  readonly scores: Float32Array;
  /** [queries, count] rows of the whole matrix */
  readonly rows: Int32Array;
}

export class DeviceRows {
  readonly #onnx: Onnx;
  readonly #parts: readonly Part[];
  readonly #tile: number;
  readonly #columns: number;
  readonly #sessions = new Map<string, DeviceSession>();

  private constructor(onnx: Onnx, parts: readonly Part[], tile: number, columns: number) {
    this.#onnx = onnx;
    this.#parts = parts;
    this.#tile = tile;
    this.#columns = columns;
  }

  /**
   * Copies the rows to the device.
   * @param partBytes of one buffer at most: for tests
   * @throws SessionError where the provider or a driver is missing.
   */
  static async create(
    onnx: Onnx,
    train: CheckedMatrix,
    partBytes: number = MAX_BUFFER,
  ): Promise<DeviceRows> {
    const tile = Math.min(TILE, train.rows);
    const tilesOfPart = Math.max(1, Math.floor(partBytes / (4 * train.columns * tile)));
    const parts: Part[] = [];
    for (let from = 0; from < train.rows; from += tilesOfPart * tile) {
      const to = Math.min(train.rows, from + tilesOfPart * tile);
      parts.push(await upload(onnx, rowsOf(train, from, to), from, tile));
    }
    return new DeviceRows(onnx, parts, tile, train.columns);
  }

  /** Fewest rows of a tile: no more than so many candidates can be asked for. */
  get mostCandidates(): number {
    return this.#tile;
  }

  /** The best `count` rows of every part for each query, by score. @param count from 1 to `mostCandidates` */
  async candidates(queries: Matrix, count: number): Promise<readonly Candidates[]> {
    const all: Candidates[] = [];
    for (const part of this.#parts) {
      const { host } = await this.#run(queries, part, count);
      all.push(this.#joined(part, queries.rows, count, host));
    }
    return all;
  }

  /** |t|^2 - 2 q.t of every row, part by part. */
  async scores(queries: Matrix): Promise<readonly Scores[]> {
    const all: Scores[] = [];
    for (const part of this.#parts) {
      const { host } = await this.#run(queries, part, undefined);
      if (!(host['scores']?.data instanceof Float32Array)) throw new Error('there are no scores');
      const { from, rows, tiles } = part;
      all.push({ from, rows, scores: host['scores'].data, stride: tiles * this.#tile });
    }
    return all;
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await session.dispose();
    this.#sessions.clear();
    for (const { upload: session } of this.#parts) await session.dispose();
  }

  /** Position in the second list -> tile and position in the first -> row. */
  #joined(
    part: Part,
    queries: number,
    count: number,
    { scores, first, second }: Readonly<Record<string, TensorValue>>,
  ): Candidates {
    if (!(scores?.data instanceof Float32Array) || !first || !second)
      throw new Error('the selection left out an output');
    const rows = new Int32Array(queries * count);
    for (let query = 0; query < queries; query++) {
      for (let i = query * count; i < (query + 1) * count; i++) {
        const position = Number(second.data[i]);
        const tile = Math.floor(position / count);
        const inTile = Number(first.data[query * part.tiles * count + position]);
        rows[i] = part.from + tile * this.#tile + inTile;
      }
    }
    return { scores: scores.data, rows };
  }

  /** @param count candidates to select, or undefined for all scores */
  async #run(
    queries: Matrix,
    { tiles, data, norms }: Part,
    count: number | undefined,
  ): Promise<DeviceResults> {
    const key = `${queries.rows} ${tiles} ${count ?? 'all'}`;
    const shape = { queries: queries.rows, tiles, tile: this.#tile, columns: this.#columns };
    const session =
      this.#sessions.get(key) ??
      (count === undefined
        ? await this.#onnx.DeviceSession.create(scoreGraph(this.#onnx, shape), { host: ['scores'] })
        : await this.#onnx.DeviceSession.create(selectionGraph(this.#onnx, shape, count), {
            host: ['scores', 'first', 'second'],
          }));
    this.#sessions.set(key, session);
    const q: TensorValue = {
      dtype: 'float32',
      shape: [queries.rows, this.#columns],
      data: Float32Array.from(queries.data),
    };
    return session.run({ queries: q, data, norms });
  }
}

/** Copies rows to the device, the last tile filled up with rows that are never near. */
async function upload(onnx: Onnx, rows: Matrix, from: number, tile: number): Promise<Part> {
  const tiles = Math.ceil(rows.rows / tile);
  const { columns } = rows;
  const data = new Float32Array(tiles * tile * columns);
  data.set(rows.data);
  const norms = new Float32Array(tiles * tile).fill(NEVER);
  norms.set(squaredNorms(rows));
  const g = new onnx.GraphBuilder('upload');
  g.output('data', g.op('Identity', [g.input('rows', 'float32', [tiles * tile, columns])]));
  g.output('norms', g.op('Identity', [g.input('squares', 'float32', [1, tiles * tile])]));
  const session = await onnx.DeviceSession.create(g.build());
  const { device } = await session.run({
    rows: { dtype: 'float32', shape: [tiles * tile, columns], data },
    squares: { dtype: 'float32', shape: [1, tiles * tile], data: norms },
  });
  if (!device['data'] || !device['norms']) throw new Error('the upload left nothing on the device');
  return {
    ...{ from, rows: rows.rows, tiles, upload: session },
    ...{ data: device['data'], norms: device['norms'] },
  };
}
