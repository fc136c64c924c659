/** The bytes of a model, parsed back with the schema that onnx.proto became. */
import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  AttributeProto_AttributeType,
  file_onnx,
  ModelProtoSchema,
  TensorProto_DataType,
  type GraphProto,
  type ModelProto,
} from '../src/generated/onnx_pb.ts';
import { dataTypeNumber, dtypes } from '../src/dtypes.ts';
import { GraphBuilder, IR_VERSION, OPSET_VERSION } from '../src/index.ts';
import { untyped } from './support/ports.ts';
import { dataOf } from './support/trial.ts';

function parse(g: GraphBuilder): ModelProto & { graph: GraphProto } {
  const model = fromBinary(ModelProtoSchema, g.build().bytes);
  const { graph } = model;
  if (!graph) throw new Error('the model has no graph');
  return { ...model, graph };
}

describe('an encoded model', () => {
  const g = new GraphBuilder('encoded');
  const x = g.input('x', 'float32', ['n', 1, 4, 4]);
  const w = g.constant('float32', [1, 1, 2, 2], Float32Array.of(1, 2, 3, 4), 'w');
  const y = g.op('Conv', [x, w], { pads: [1, 1, 0, 0], group: 1 });
  const z = g.op(
    'Elu',
    [g.op('Pad', [y, g.ints([0, 0, 0, 0, 0, 0, 1, 1]), undefined, undefined], { mode: 'edge' })],
    {
      alpha: 0.5,
    },
  );
  g.output('z', z);
  g.metadata('seed', '42');
  const model = parse(g);
  const { graph } = model;

  it('says opset 21 and IR 10', () => {
    expect([OPSET_VERSION, IR_VERSION]).toEqual([21, 10]);
    expect(model.irVersion).toBe(10n);
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([['', 21n]]);
  });

  it('carries its names, its producer and its metadata', () => {
    expect([model.producerName, graph.name]).toEqual(['fashion-bench', 'encoded']);
    expect(model.metadataProps.map(({ key, value }) => [key, value])).toEqual([['seed', '42']]);
  });

  it('declares inputs and outputs, a named size as dim_param', () => {
    const ports = [...graph.input, ...graph.output].map(({ name, type }) => {
      if (type?.value.case !== 'tensorType') throw new Error('no tensor');
      const { elemType, shape } = type.value.value;
      return [name, elemType, shape?.dim.map(({ value }) => value.value)];
    });
    expect(ports).toEqual([
      ['x', 1, ['n', 1n, 4n, 4n]],
      ['z', 1, ['n', 1n, 5n, 5n]],
    ]);
  });

  it('has one node for each operation, in order', () => {
    expect(
      graph.node.map(({ name, opType, input, output }) => [name, opType, input, output]),
    ).toEqual([
      ['Conv_0', 'Conv', ['x', 'w'], ['Conv_0']],
      ['Pad_2', 'Pad', ['Conv_0', 'const_1', '', ''], ['Pad_2']],
      ['Elu_3', 'Elu', ['Pad_2'], ['z']],
    ]);
  });

  it('types attributes as the specification does', () => {
    const type = AttributeProto_AttributeType;
    const attributes = graph.node.flatMap((node) =>
      node.attribute.map((a) => [a.name, a.type, a.ints, a.i, a.f, new TextDecoder().decode(a.s)]),
    );
    expect(attributes).toEqual([
      ['pads', type.INTS, [1n, 1n, 0n, 0n], 0n, 0, ''],
      ['group', type.INT, [], 1n, 0, ''],
      ['mode', type.STRING, [], 0n, 0, 'edge'],
      ['alpha', type.FLOAT, [], 0n, 0.5, ''],
    ]);
  });

  it('stores constants as raw bytes', () => {
    const constants = graph.initializer.map(({ name, dims, dataType, rawData }) => [
      name,
      dims,
      dataType,
      rawData,
    ]);
    expect(constants).toEqual([
      ['w', [1n, 1n, 2n, 2n], 1, new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer)],
      ['const_1', [8n], 7, new Uint8Array(BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 0n, 1n, 1n).buffer)],
    ]);
  });
});

it('imports the domains of onnxruntime only where they are used', () => {
  const g = new GraphBuilder('domains');
  const x = g.input('x', 'float32', [1, 16, 2, 2]);
  g.output('a', g.op('FusedMatMul', [x, x]));
  g.output('b', g.op('NchwcReorderInput', [x]));
  const { opsetImport, graph } = parse(g);
  expect(opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
    ['', 21n],
    ['com.microsoft', 1n],
    ['com.microsoft.nchwc', 1n],
  ]);
  expect(graph.node.map(({ domain, opType }) => [domain, opType])).toEqual([
    ['com.microsoft', 'FusedMatMul'],
    ['com.microsoft.nchwc', 'ReorderInput'],
  ]);
});

it('stores only the part of a buffer that a constant shows', () => {
  const g = new GraphBuilder('views');
  const all = Float32Array.of(0, 1, 2, 3);
  g.output('y', g.constant('float32', [2], all.subarray(1, 3)));
  expect(parse(g).graph.initializer[0]?.rawData).toEqual(
    new Uint8Array(Float32Array.of(1, 2).buffer),
  );
});

it('numbers dtypes as the specification does', () => {
  const known: Record<string, number> = TensorProto_DataType;
  const own: Partial<Record<string, string>> = { float32: 'FLOAT', float64: 'DOUBLE' };
  for (const dtype of dtypes) {
    expect(dataTypeNumber[dtype]).toBe(known[own[dtype] ?? dtype.toUpperCase()]);
    const g = new GraphBuilder(dtype);
    g.output('y', g.constant(dtype, [0], untyped(dataOf(dtype, []))));
    expect(parse(g).graph.initializer[0]?.dataType).toBe(dataTypeNumber[dtype]);
  }
});

it('was generated from the onnx.proto beside it', () => {
  const proto = readFileSync(new URL('../src/generated/onnx.proto', import.meta.url), 'utf8');
  const inFile = Array.from(
    proto
      .replaceAll(/\/\/.*/g, '')
      .matchAll(/^\s*(?:optional |repeated )?[\w.]+ (\w+) = (\d+)\b/gm),
    ([, name, number]) => `${name} = ${number}`,
  );
  const messages = file_onnx.messages.flatMap((message) => [message, ...message.nestedMessages]);
  const inSchema = messages.flatMap(({ fields }) =>
    fields.map(({ name, number }) => `${name} = ${number}`),
  );
  expect(inSchema.toSorted()).toEqual(inFile.toSorted());
  expect(inSchema.length).toBeGreaterThan(100);
});
