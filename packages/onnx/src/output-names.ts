/** Gives values the names of the graph's outputs, as onnxruntime wants them, when a graph is built. */
import type { NodeRecord } from './encode.ts';
import { operatorSpec } from './operators/table.ts';
import type { Value } from './types.ts';

/**
 * The nodes, with values renamed to the outputs that they are. An Identity instead would be a copy at each run, since
 * onnxruntime keeps it wherever the value is used elsewhere, too. Only inputs, constants and second names need one.
 */
export function nodesWithOutputNames(
  nodes: readonly NodeRecord[],
  outputs: ReadonlyMap<string, Value>,
): NodeRecord[] {
  const computed = new Set(nodes.flatMap((node) => node.outputs));
  const finalName = new Map<string, string>();
  const copies: [from: string, to: string][] = [];
  for (const [name, { name: from }] of outputs) {
    if (computed.has(from) && !finalName.has(from)) finalName.set(from, name);
    else if (computed.has(from) || from !== name) copies.push([from, name]);
  }
  const rename = (name: string): string => finalName.get(name) ?? name;
  const renamed = nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return [...renamed, ...copies.map(([from, to]) => identity(rename(from), to))];
}

function identity(from: string, to: string): NodeRecord {
  return {
    spec: operatorSpec('Identity'),
    opType: 'Identity',
    name: `output_${to}`,
    inputs: [from],
    outputs: [to],
    attributes: {},
  };
}
