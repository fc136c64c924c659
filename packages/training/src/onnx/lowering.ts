/**
 * What it means to lower a layer: nodes for its forward pass now, and a function that adds the nodes of its
 * backward pass later. The chain rule is then the reversed list of these functions (as in micrograd).
 */
import type { GraphBuilder, Value } from '@fashion-bench/onnx';
import type { DropoutSpec, WeightSpec } from '../network.ts';
import type { Feature, Layout } from './feature.ts';

/** In which order a mask's elements are fed. */
export type MaskLayout = Exclude<Layout, 'nchw'>;

export interface LoweringContext {
  readonly g: GraphBuilder;
  readonly batch: number;
  /** Channel block of onnxruntime's blocked layout on this processor; 1 where it must not be used. */
  readonly block: number;
  /** Whether the pass is one of a training step, or predicts. */
  readonly training: boolean;
  /** A weight tensor in its Keras shape. */
  weight(spec: WeightSpec): Value;
  /** Takes the gradient of a weight tensor, in the weight's shape or any with the same row-major order. */
  gradient(spec: WeightSpec, value: Value): void;
  /** Takes the value that a weight tensor which is not trained has after the step, in the weight's shape. */
  moved(spec: WeightSpec, value: Value): void;
  /**
   * The mask of a dropout layer, [n, rows, columns, channels], or as blocked features are; undefined where nothing is
   * dropped.
   */
  dropoutMask(spec: DropoutSpec, layout: MaskLayout): Value | undefined;
}

export interface Lowered {
  readonly output: Feature;
  /**
   * Adds the backward nodes: takes the loss' gradient by `output`, hands weight gradients to the context, and
   * returns the gradient by the input; undefined where the input needs none (the images).
   */
  backward(gradient: Feature): Feature | undefined;
}
