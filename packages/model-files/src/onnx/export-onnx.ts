/** A model as an ONNX file that any runtime takes: softmax inside, any number of images, class names beside it. */
import type { OnnxModel } from '@fashion-bench/onnx';
import type * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPath } from '../checks.ts';
import { ModelFileError } from '../errors.ts';
import { writeWhole } from '../files.ts';
import { partsOf, type ModelParts } from '../layers/model.ts';
import { inferenceGraph } from './inference-graph.ts';
import { CLASS_NAMES, ONNX_BATCH, ONNX_INPUT, ONNX_OUTPUT } from './names.ts';

export interface ExportOnnxOptions {
  /** One name for each output of the model, kept in the file's metadata as JSON under `class_names`. */
  readonly classNames?: readonly string[] | undefined;
}

/** Key of the metadata, for people. */
const INPUT_SCALE = 'input_scale';

/**
 * Writes the inference model: ONNX opset 21, IR 10, operators of the standard domain only. Input `images` float32
 * [n, rows, columns, channels], pixels / 255; output `probabilities` float32 [n, classes], what the model's last layer
 * gives, through a softmax where that is linear (logits). A file that is already there is replaced; it appears whole or not at all.
 *
 * @throws ModelFileError 'unsupported' for layers that are not known here, or class names that do not fit; 'corrupt'
 * for weights that are not finite; 'exists-not-model', 'permission', 'disk'.
 */
export async function exportOnnx(
  model: tf.LayersModel,
  path: string,
  options: ExportOnnxOptions = {},
): Promise<void> {
  checkPath(path);
  await writeWhole(path, toOnnx(model, options).bytes);
}

/** As `exportOnnx`, in memory. */
export function toOnnx(model: tf.LayersModel, options: ExportOnnxOptions = {}): OnnxModel {
  checkOptions('onnx', options);
  return onnxOf(partsOf(model), options);
}

function onnxOf(parts: ModelParts, { classNames }: ExportOnnxOptions): OnnxModel {
  const classes = parts.topology.layers.at(-1)?.output.at(-1) ?? 0;
  if (classNames && classNames.length !== classes) {
    throw new ModelFileError(
      'unsupported',
      `There are ${classNames.length} class names, but the model has ${classes} outputs.`,
    );
  }
  return inferenceGraph(parts, {
    input: ONNX_INPUT,
    output: ONNX_OUTPUT,
    batch: ONNX_BATCH,
    metadata: {
      [INPUT_SCALE]: 'pixels of 0 to 255 divided by 255',
      ...(classNames && { [CLASS_NAMES]: JSON.stringify(classNames) }),
    },
  });
}
