/** Names in an ONNX file of this project: of the one input, the one output, the open number of images; of metadata. */
export const ONNX_INPUT = 'images';
export const ONNX_OUTPUT = 'probabilities';
export const ONNX_BATCH = 'n';
export const CLASS_NAMES = 'class_names';
