/**
 * Finds the channel block of onnxruntime's blocked layout on this processor (MLAS: 16 with AVX-512, 8 with AVX and
 * NEON), by running a small blocked convolution with each and comparing it with the plain one.
 * A wrong block gives wrong numbers but is harmless: all sizes here are multiples of every candidate.
 */
import { GraphBuilder, OnnxSession, SessionError, type TensorValue } from '@fashion-bench/onnx';
import { randomStream } from '@fashion-bench/random';

const CHANNELS = 16;
const SIZE = 5;
const KERNEL = 3;

/** Relative to the largest element; float32 sums of 144 products in another order differ by far less. */
const TOLERANCE = 1e-4;

let detected: Promise<number> | undefined;

/** The block, or 1 where the blocked operators are missing or disagree with the plain ones. Probed once a process. */
export function detectBlockSize(): Promise<number> {
  detected ??= probe();
  return detected;
}

async function probe(): Promise<number> {
  const x = randomTensor('x', [1, CHANNELS, SIZE, SIZE]);
  const w = randomTensor('w', [CHANNELS, CHANNELS, KERNEL, KERNEL]);
  const expected = await convolve(x, w, 1);
  if (!expected) return 1;
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const block of [16, 8, 4]) {
    const actual = await convolve(x, w, block);
    if (
      actual?.every((value, i) => Math.abs(value - (expected[i] ?? NaN)) <= TOLERANCE * scale) ===
      true
    )
      return block;
  }
  return 1;
}

function randomTensor(name: string, shape: readonly number[]): TensorValue<'float32'> {
  const stream = randomStream(1, `block-size-${name}`);
  const size = shape.reduce((a, b) => a * b, 1);
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: size }, () => stream.uniform(-1, 1)),
  };
}

/** The convolution in plain operators (block 1) or blocked ones; undefined where onnxruntime has no such operator. */
async function convolve(
  x: TensorValue,
  w: TensorValue,
  block: number,
): Promise<Float32Array | undefined> {
  const g = new GraphBuilder('block size probe');
  const input = g.input('x', 'float32', x.shape);
  const kernel = g.input('w', 'float32', w.shape);
  const window = { kernel_shape: [KERNEL, KERNEL], pads: [1, 1, 1, 1] };
  if (block === 1) {
    g.output('y', g.op('Conv', [input, kernel], window));
  } else {
    const blocks = CHANNELS / block;
    const split = g.reshape(kernel, [blocks, block, blocks, block, KERNEL, KERNEL]);
    const weights = g.reshape(g.transpose(split, [0, 2, 4, 5, 3, 1]), w.shape.map(Number));
    const y = g.op('NchwcConv', [g.op('NchwcReorderInput', [input]), weights], window);
    g.output('y', g.op('NchwcReorderOutput', [y], { channels: CHANNELS }));
  }
  try {
    const session = await OnnxSession.create(g.build(), { threads: 1 });
    const { y } = await session.run({ x, w });
    await session.dispose();
    return y?.data instanceof Float32Array ? y.data : undefined;
  } catch (error) {
    if (error instanceof SessionError) return undefined;
    throw error;
  }
}
