/**
 * How much a protobuf message would become in memory, told by its bytes alone: a file of empty nodes takes two bytes for each and
 * a hundred times that once it is decoded.
 */
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { GraphError } from './errors.ts';
import { TensorProtoSchema } from './generated/onnx_pb.ts';

export interface ScanLimits {
  /** Fields of all messages together; of a packed list every byte counts as one. */
  readonly fields: number;
  /** Bytes of all tensors' raw data together. */
  readonly rawBytes: number;
}

/** Bytes of names, strings and other data that is no tensor's, together. */
const MAX_TEXT_BYTES = 1 << 22;
const MAX_DEPTH = 20;
const RAW_DATA = TensorProtoSchema.field.rawData;

/** @throws GraphError with half a sentence where it would be too much; RangeError or Error for what is no protobuf. */
export function scan(bytes: Uint8Array, message: DescMessage, limits: ScanLimits): void {
  const left = { fields: limits.fields, raw: limits.rawBytes, text: MAX_TEXT_BYTES };
  scanMessage(bytes, fieldsOf(message), left, MAX_DEPTH);
}

/** A list of numbers may be packed, however it is declared. */
function isNumbers({ fieldKind, scalar }: DescField): boolean {
  return fieldKind === 'list' && scalar !== ScalarType.STRING && scalar !== ScalarType.BYTES;
}

type Left = Record<'fields' | 'raw' | 'text', number>;

function scanMessage(
  bytes: Uint8Array,
  fields: ReadonlyMap<number, DescField>,
  left: Left,
  depth: number,
): void {
  if (depth === 0) throw new GraphError('its messages are nested too deeply');
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    take(left, 'fields', 1);
    if (wire !== WireType.LengthDelimited) {
      reader.skip(wire, number);
      continue;
    }
    const content = reader.bytes();
    const field = fields.get(number);
    if (field === RAW_DATA) take(left, 'raw', content.length);
    else if (field?.message) scanMessage(content, fieldsOf(field.message), left, depth - 1);
    // A packed list: at least a byte for each number.
    else if (field && isNumbers(field)) take(left, 'fields', content.length);
    else if (field) take(left, 'text', content.length);
  }
}

function take(left: Left, what: keyof Left, count: number): void {
  left[what] -= count;
  if (left[what] < 0) throw new GraphError('it is larger than is read here');
}

const known = new Map<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(message: DescMessage): ReadonlyMap<number, DescField> {
  let fields = known.get(message);
  if (!fields) {
    fields = new Map(message.fields.map((field) => [field.number, field]));
    known.set(message, fields);
  }
  return fields;
}
