/** What a graph is built for, and the names of its inputs and outputs. */
import type { DropoutSpec, NetworkSpec } from '../network/network.ts';

/** Element type of the images, and what they are multiplied with on their way in (1/255 for pixels). */
export interface ImageInput {
  readonly dtype: 'uint8' | 'float32';
  readonly scale: number;
}

export interface GraphOptions {
  readonly batch: number;
  readonly images: ImageInput;
  /** Channel block of the blocked layout (onnx-cpu/blocked/block-size.ts); 1 for none. */
  readonly block: number;
  /** What a step is given of each image: its class, or targets. Default classes. */
  readonly labels?: 'classes' | 'targets';
  /** False for the plain graph. Default true. */
  readonly rewrites?: boolean;
}

/** Dropout layers in order; mask i of a step belongs to the i-th. */
export function dropoutLayers(network: NetworkSpec): readonly DropoutSpec[] {
  return network.layers.filter((layer) => layer.kind === 'dropout');
}

/** Name of an input or output that there is one of for each step of the graph. */
export function ofStep(name: string, step: number): string {
  return `${name}.${step}`;
}

/** Name of an input or output that there is one of for each group of weights. */
export function ofGroup(name: string, group: number): string {
  return `${name}.${group}`;
}
