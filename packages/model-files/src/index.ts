export { loadKeras } from './keras/load-keras.ts';
export { loadKerasH5 } from './keras/load-keras-h5.ts';
export { saveKeras } from './keras/save-keras.ts';
export { saveKerasH5 } from './keras/save-keras-h5.ts';
export { exportOnnx, toOnnx } from './onnx/export-onnx.ts';
export { loadOnnx } from './onnx/load-onnx.ts';
export { openClassifier } from './classifier.ts';
export { loadModel } from './tfjs/load-model.ts';
export { saveModel } from './tfjs/save-model.ts';
export { quietTensorflow } from './quiet-tensorflow.ts';
export { ModelFileError } from './errors.ts';
export type { Classifier, ModelFormat } from './classifier.ts';
export type { LoadedOnnx } from './onnx/load-onnx.ts';
export type { KerasModel } from './keras/load-keras-h5.ts';
export type { SaveKerasOptions } from './keras/save-keras-h5.ts';
export type {
  AdamSettings,
  LoadedTraining,
  OptimizerSettings,
  SgdSettings,
  TrainingSettings,
} from './keras/training-settings.ts';
export type { ExportOnnxOptions } from './onnx/export-onnx.ts';
export type { ModelFileErrorCode } from './errors.ts';
