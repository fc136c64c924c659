/**
 * Which dtypes an operator takes. The builder must accept exactly those that onnxruntime's own type check accepts;
 * where it has no kernel for one of them, that is written down here.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { dataTypeNumber, dtypes } from '../src/dtypes.ts';
import { ModelProtoSchema, ValueInfoProtoSchema } from '../src/generated/onnx_pb.ts';
import {
  GraphError,
  isOperatorName,
  OnnxSession,
  SessionError,
  type DType,
  type Value,
} from '../src/index.ts';
import { Trial } from './support/trial.ts';

/** A node whose `x` inputs have the dtype under test. */
type Build = (t: Trial, x: (...shape: number[]) => Value, dtype: DType) => Value | readonly Value[];

const words = (text: string): string[] => text.split(/\s+/);

/** The same node for many operators: two axes in, all inputs of the dtype under test. */
const square = (text: string, inputs: number): Record<string, Build> =>
  Object.fromEntries(
    words(text)
      .filter(isOperatorName)
      .map((name) => [
        name,
        (t, x) =>
          t.g.op(
            name,
            Array.from({ length: inputs }, () => x(2, 2)),
          ),
      ]),
  );

const unary = `Abs ArgMax ArgMin Ceil Elu Erf Exp Flatten Floor HardSigmoid Identity LeakyRelu Log LogSoftmax Neg Not
  Reciprocal ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Selu Sigmoid Sign
  Softmax Softplus Softsign Sqrt Tanh ThresholdedRelu Transpose`;
const binary = `Add And BitwiseAnd BitwiseOr BitwiseXor Div Equal FusedMatMul Gemm Greater GreaterOrEqual Less
  LessOrEqual MatMul Max Min Mul Or Sub Sum`;

const window = { kernel_shape: [2, 2], strides: [2, 2] };

const nodes: Record<string, Build> = {
  ...square(unary, 1),
  ...square(binary, 2),
  AveragePool: (t, x) => t.g.op('AveragePool', [x(1, 1, 2, 2)], window),
  BitShift: (t, x) => t.g.op('BitShift', [x(2), x(2)], { direction: 'LEFT' }),
  Cast: (t, x) => t.g.cast(t.g.op('Identity', [x(2)]), 'uint16'),
  Clip: (t, x) => t.g.op('Clip', [x(2), x(), x()]),
  Concat: (t, x) => t.g.op('Concat', [x(2), x(2)], { axis: 0 }),
  Conv: (t, x) => t.g.op('Conv', [x(1, 1, 2, 2), x(1, 1, 2, 2)]),
  ConvTranspose: (t, x) => t.g.op('ConvTranspose', [x(1, 1, 2, 2), x(1, 1, 2, 2)]),
  CumSum: (t, x) => t.g.op('CumSum', [x(2), t.int(0)]),
  'CumSum axis': (t, x) => t.g.op('CumSum', [t.f32([2, 2]), x()]),
  Expand: (t, x) => t.g.op('Expand', [x(1), t.g.ints([2])]),
  Gather: (t, x) => t.g.op('Gather', [x(2), t.g.ints([1])]),
  'Gather indices': (t, x) => t.g.op('Gather', [t.f32([2]), x(1)]),
  GatherElements: (t, x) => t.g.op('GatherElements', [x(2), t.g.ints([1])]),
  'GatherElements indices': (t, x) => t.g.op('GatherElements', [t.f32([2]), x(1)]),
  'MatMulInteger left': (t, x) => t.g.op('MatMulInteger', [x(2, 2), t.feed('uint8', [2, 2])]),
  'MatMulInteger right': (t, x) => t.g.op('MatMulInteger', [t.feed('uint8', [2, 2]), x(2, 2)]),
  MaxPool: (t, x) => t.g.ops('MaxPool', [x(1, 1, 2, 2)], window, 2),
  MaxUnpool: (t, x) =>
    t.g.op('MaxUnpool', [x(1, 1, 1, 1), t.feed('int64', [1, 1, 1, 1], [0])], window),
  Mod: (t, x) => t.g.op('Mod', [x(2), x(2)], { fmod: 1 }),
  NchwcGlobalAveragePool: (t, x) => t.g.op('NchwcGlobalAveragePool', [x(1, 16, 2, 2)]),
  NchwcMaxPool: (t, x) => t.g.op('NchwcMaxPool', [x(1, 16, 2, 2)], window),
  NchwcUpsample: (t, x) => t.g.op('NchwcUpsample', [x(1, 16, 2, 2)], { scales: [1, 1, 2, 2] }),
  NchwcReorderInput: (t, x) => t.g.op('NchwcReorderInput', [x(1, 16, 2, 2)]),
  NchwcReorderOutput: (t, x) => t.g.op('NchwcReorderOutput', [x(1, 16, 2, 2)], { channels: 16 }),
  OneHot: (t, x) => t.g.op('OneHot', [t.feed('int64', [2], [0, 1]), t.g.ints([2]), x(2)]),
  'OneHot indices': (t, x) => t.g.op('OneHot', [x(2), t.g.ints([2]), t.f32([2])]),
  Pad: (t, x) => t.g.op('Pad', [x(2), t.g.ints([1, 1])]),
  Pow: (t, x) => t.g.op('Pow', [x(2), t.f32([2])]),
  'Pow exponent': (t, x) => t.g.op('Pow', [t.f32([2]), x(2)]),
  Reshape: (t, x) => t.g.reshape(x(2, 2), [4]),
  Slice: (t, x) => t.g.slice(x(2), 0, 0, 1),
  Split: (t, x) => t.g.ops('Split', [x(2)], { num_outputs: 2 }, 2),
  Squeeze: (t, x) => t.g.op('Squeeze', [x(1, 2), t.g.ints([0])]),
  Tile: (t, x) => t.g.op('Tile', [x(2), t.g.ints([2])]),
  TopK: (t, x) => t.g.ops('TopK', [x(2), t.g.ints([1])], {}, 2),
  Unsqueeze: (t, x) => t.g.op('Unsqueeze', [x(2), t.g.ints([0])]),
  Where: (t, x) => t.g.op('Where', [t.feed('bool', [2]), x(2), x(2)]),
  'Where condition': (t, x) => t.g.op('Where', [x(2), t.f32([2]), t.f32([2])]),
};

const float32Only = words(
  'AveragePool Conv ConvTranspose Elu Erf HardSigmoid LeakyRelu MaxUnpool Selu Softplus Softsign ThresholdedRelu',
);
const withoutUint16 = words('BitShift Clip Max Min Pad');
const withoutUint32 = words(
  'CumSum ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare',
);
const smallUnsigned: readonly DType[] = ['uint16', 'uint32'];

/** Right by the specification, but without a kernel in onnxruntime 1.30 on the CPU: a SessionError when it is loaded. */
const withoutKernel: Record<string, readonly DType[]> = {
  ...Object.fromEntries(float32Only.map((name) => [name, ['float64']])),
  ...Object.fromEntries(withoutUint16.map((name) => [name, ['uint16']])),
  ...Object.fromEntries(withoutUint32.map((name) => [name, ['uint32']])),
  ArgMax: smallUnsigned,
  ArgMin: smallUnsigned,
  Gemm: ['int32', 'int64', 'uint32'],
  OneHot: ['uint8', 'int8', 'uint16', 'int32', 'bool', 'float64', 'uint32'],
  'OneHot indices': ['float32', 'uint8', 'int8', 'uint16', 'int32', 'float64', 'uint32'],
  'Pow exponent': ['uint8', 'int8', 'uint16', 'uint32'],
  Relu: ['int64'],
  TopK: smallUnsigned,
  Where: ['int8', 'uint16', 'bool', 'uint32'],
};

type Outcome = 'runs' | 'refused' | 'no kernel';

async function outcomeOf(build: Build, dtype: DType): Promise<Outcome> {
  const t = new Trial();
  try {
    const values = [build(t, (...shape) => t.feed(dtype, shape), dtype)].flat();
    const results = await t.run(values);
    expect(results.map((result) => result.dtype)).toEqual(values.map((value) => value.dtype));
    return 'runs';
  } catch (error) {
    if (error instanceof GraphError) return 'refused';
    if (
      error instanceof SessionError &&
      error.message.includes('Could not find an implementation')
    ) {
      return 'no kernel';
    }
    throw error;
  }
}

/** The same node with another dtype, built behind the builder's back. @returns whether onnxruntime's type check passes */
async function passesTypeCheck(build: Build, built: DType, dtype: DType): Promise<boolean> {
  const t = new Trial();
  const tested = new Set<string>();
  const values = [
    build(
      t,
      (...shape) => {
        const value = t.feed(built, shape);
        tested.add(value.name);
        return value;
      },
      built,
    ),
  ].flat();
  values.forEach((value, i) => {
    t.g.output(`y${i}`, value);
  });
  const model = fromBinary(ModelProtoSchema, t.g.build().bytes);
  for (const { name, type } of model.graph?.input ?? []) {
    if (tested.has(name) && type?.value.case === 'tensorType') {
      type.value.value.elemType = dataTypeNumber[dtype];
    }
  }
  if (model.graph)
    model.graph.output = values.map((_, i) => create(ValueInfoProtoSchema, { name: `y${i}` }));
  try {
    const session = await OnnxSession.create(toBinary(ModelProtoSchema, model), { threads: 1 });
    await session.dispose();
    return true;
  } catch (error) {
    return !(error instanceof Error && /Type Error|TypeInferenceError/.test(error.message));
  }
}

describe('each operator takes the dtypes that onnxruntime takes', () => {
  it.each(Object.entries(nodes))('%s', async (name, build) => {
    const outcomes = new Map<DType, Outcome>();
    for (const dtype of dtypes) outcomes.set(dtype, await outcomeOf(build, dtype));
    const which = (outcome: Outcome): DType[] =>
      dtypes.filter((dtype) => outcomes.get(dtype) === outcome);
    expect(which('no kernel')).toEqual(withoutKernel[name] ?? []);

    const [accepted] = which('runs');
    if (!accepted) throw new Error(`${name} runs with no dtype`);
    for (const dtype of which('refused')) {
      expect([dtype, await passesTypeCheck(build, accepted, dtype)]).toEqual([dtype, false]);
    }
  });
});
