/**
 * Fast path for a first convolution that is followed by max pooling: the pooled positions are computed apart.
 *
 * With a pooling window of p x q, position (i, j) of every window is one *phase*: the convolution's output at
 * (p y + i, q x + j) for all y, x. Pooling is an element-wise maximum over the phases. Neither the full-size activation
 * nor an unpooling is ever needed. `phases.ts` has the two ways to compute a phase and to take its kernel gradient.
 *
 * The maximum is a tournament of pairs, and the gradient goes back along it: to the later side where that is strictly
 * greater, else to the earlier one. So it reaches the first phase that attains the maximum, as in TensorFlow: flat regions (a
 * black background) tie all the time. Only for images, which need no gradient themselves.
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { Conv2dSpec, MaxPooling2dSpec } from '../network.ts';
import { isPositive } from './elementwise.ts';
import type { Feature } from './feature.ts';
import type { Lowered, LoweringContext } from './lowering.ts';
import { blockedPhases, patchSize, productPhases, type Phases } from './phases.ts';

/** Whether the pooling windows tile the convolution's output, and the patches stay small. */
export function canPhasePool(conv: Conv2dSpec, pool: MaxPooling2dSpec): boolean {
  const [p, q] = pool.poolSize;
  const taps = patchSize(conv, pool).reduce((a, b) => a * b) * conv.input.channels;
  return conv.output.rows % p === 0 && conv.output.columns % q === 0 && p * q <= 9 && taps <= 128;
}

export function lowerPhasePooling(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  input: Feature,
): Lowered {
  const { g, block } = context;
  const [p, q] = pool.poolSize;
  const offsets = Array.from(
    { length: p * q },
    (_, phase) => [Math.floor(phase / q), phase % q] as const,
  );
  // onnxruntime takes an image of fewer channels than a block as it is.
  const isBlocked = block > 1 && conv.output.channels % block === 0 && conv.input.channels < block;
  const phases = (isBlocked ? blockedPhases : productPhases)(context, conv, pool, input);
  const pooled = tournament(
    g,
    offsets.map(([i, j]) => phases.phase(i, j)),
  );
  return {
    output: input.derive(phases.layout, pooled.value, pool.output),
    backward(gradient) {
      const products: Value[] = [];
      const dy = gradient.raw(phases.layout);
      distribute(g, phases, pooled, dy, phases.product(dy), products);
      collectGradients(context, conv, pool, products, offsets, [input.factor, gradient.factor]);
      return undefined;
    },
  };
}

/** The maximum of some phases in order: of one, or of two halves. */
interface Round {
  readonly value: Value;
  readonly halves?: {
    readonly earlier: Round;
    readonly later: Round;
    /** 1 where `later` is strictly greater than `earlier`, else 0. */
    readonly laterWins: Value;
  };
}

function tournament(g: GraphBuilder, phases: readonly Value[]): Round {
  const [only] = phases;
  if (!only) throw new Error('a pooling window has at least one position');
  if (phases.length === 1) return { value: only };
  const middle = phases.length >> 1;
  const earlier = tournament(g, phases.slice(0, middle));
  const later = tournament(g, phases.slice(middle));
  // A difference is positive exactly where the minuend is greater. `Greater` and `Cast` take twice as long.
  const laterWins = isPositive(g, g.op('Sub', [later.value, earlier.value]));
  return {
    value: g.op('Max', [earlier.value, later.value]),
    halves: { earlier, later, laterWins },
  };
}

/**
 * Appends the product of each phase's gradient, first phase first.
 * @param dy gradient by the round's value
 * @param ofDy its product; what one half gets needs no product of its own: it is the difference to the other
 */
function distribute(
  g: GraphBuilder,
  phases: Phases,
  { halves }: Round,
  dy: Value,
  ofDy: Value,
  products: Value[],
): void {
  if (!halves) {
    products.push(ofDy);
    return;
  }
  const { earlier, later, laterWins } = halves;
  const toLater = g.op('Mul', [dy, laterWins]);
  const ofLater = phases.product(toLater);
  const toEarlier = earlier.halves ? g.op('Sub', [dy, toLater]) : dy;
  distribute(g, phases, earlier, toEarlier, g.op('Sub', [ofDy, ofLater]), products);
  distribute(g, phases, later, toLater, ofLater, products);
}

/** Cuts each phase's product back to the kernel's place, and adds them up. */
function collectGradients(
  context: LoweringContext,
  conv: Conv2dSpec,
  pool: MaxPooling2dSpec,
  products: readonly Value[],
  offsets: readonly (readonly [number, number])[],
  [ofPixels, ofGradient]: readonly [number, number],
): void {
  const { g } = context;
  const [height, width] = patchSize(conv, pool);
  const { channels: cin } = conv.input;
  const { channels: cout } = conv.output;
  const taps = height * width * cin;
  const cut = products.map((product, phase) => {
    const [i, j] = offsets[phase] ?? [0, 0];
    const grid = g.reshape(g.slice(product, 0, 0, taps), [height, width, cin, cout]);
    return g.slice(g.slice(grid, 0, i, i + conv.kernelSize[0]), 1, j, j + conv.kernelSize[1]);
  });
  const times = (value: Value, factor: number): Value =>
    factor === 1 ? value : g.op('Mul', [value, g.scalar(factor)]);
  context.gradient(conv.kernel, times(g.op('Sum', cut), ofPixels * ofGradient));
  if (conv.bias) {
    const biases = products.map((product) => g.slice(product, 0, taps, taps + 1));
    context.gradient(conv.bias, times(g.op('Sum', biases), ofGradient));
  }
}
