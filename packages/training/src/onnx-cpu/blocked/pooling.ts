/**
 * Max pooling in the blocked layout, which has no indices: each position of the windows is gathered into a value of its own, and
 * the maximum of these is a tournament (tournament.ts). All of its passes are over values of the pooled size.
 *
 * Faster than comparing x with the maximum blown up to its size again, which takes half the time of MaxPool with indices and
 * MaxUnpool: those are not vectorised (benchmarks/notes/training-speed.md).
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { MaxPooling2dSpec } from '../../network/network.ts';
import { isTiling } from '../../network/windows.ts';
import type { Feature } from '../../graph/feature.ts';
import type { Lowered, LoweringContext } from '../../graph/lowering.ts';
import { takeRows } from './rows.ts';
import { distribute, tournament } from '../tournament.ts';

/** Positions of a window above which the graph would become unreasonably large. */
const MOST_POSITIONS = 16;

/** Whether the input is blocked and the windows tile it. */
export function canPoolBlocked(layer: MaxPooling2dSpec, input: Feature): boolean {
  const [p, q] = layer.poolSize;
  const { rows, columns } = layer.input;
  const tiles = rows % p === 0 && columns % q === 0 && isTiling(layer);
  return input.layout === 'blocked' && tiles && p * q <= MOST_POSITIONS;
}

export function lowerBlockedPooling(
  context: LoweringContext,
  layer: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g, batch, block, training } = context;
  const x = input.as('blocked');
  if (!training) {
    const y = g.op('NchwcMaxPool', [x], { kernel_shape: layer.poolSize, strides: layer.strides });
    return {
      output: input.derive('blocked', y, layer.output),
      backward: () => {
        throw new Error('a prediction has no backward pass');
      },
    };
  }
  const { rows, columns, channels } = layer.input;
  const rowsOfBlock = g.reshape(x, [-1, block]);
  const order = positions(layer, batch * (channels / block));
  const pooled = tournament(
    g,
    order.map((position) => {
      const value = takeRows(g, rowsOfBlock, position);
      return g.reshape(value, [batch, channels, layer.output.rows, layer.output.columns]);
    }),
  );
  return {
    output: input.derive('blocked', pooled.value, layer.output),
    backward(gradient) {
      const parts = distribute(g, pooled, gradient.raw('blocked'));
      const each = parts.map((part) => g.reshape(part, [-1, block]));
      const dx = takeRows(g, joined(g, each), inverse(order));
      return gradient.derive(
        'blocked',
        g.reshape(dx, [batch, channels, rows, columns]),
        layer.input,
        gradient.factor,
      );
    },
  };
}

function joined(g: GraphBuilder, parts: readonly Value[]): Value {
  const [only] = parts;
  return parts.length === 1 && only ? only : g.op('Concat', parts, { axis: 0 });
}

/** For each position of a window, first to last: its index in every window of every image, pixels row by row. */
function positions(layer: MaxPooling2dSpec, images: number): readonly Int32Array[] {
  const [p, q] = layer.poolSize;
  const { columns } = layer.input;
  const { rows: outRows, columns: outColumns } = layer.output;
  return Array.from({ length: p * q }, (_, position) => {
    const [i, j] = [Math.floor(position / q), position % q];
    return Int32Array.from({ length: images * outRows * outColumns }, (_, window) => {
      const line = Math.floor(window / outColumns); // windows tile the image, so lines go on from one image to the next
      return (line * p + i) * columns + (window % outColumns) * q + j;
    });
  });
}

/** Where each pixel is in the positions one after the other. */
function inverse(order: readonly Int32Array[]): Int32Array {
  const places = new Int32Array(order.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const position of order) for (const pixel of position) places[pixel] = place++;
  return places;
}
