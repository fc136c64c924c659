/** TensorFlow's own operations from Node, through the binding of @tensorflow/tfjs-node-gpu; and how to build that binding. */

export { attribute } from './attributes.ts';
export { BINDING_VARIABLE, CACHE_PATH } from './binding-folder.ts';
export { buildBinding } from './build/build-binding.ts';
export { TensorflowError } from './errors.ts';
export { findInstallation, installationPlaces } from './installation.ts';
export { loadTensorflow } from './load.ts';
export { probeDevice } from './probe.ts';
export { Tensorflow } from './tensorflow.ts';

export type { Attribute, AttributeType } from './attributes.ts';
export type { Environment } from './binding-folder.ts';
export type { BuildOptions, BuiltBinding } from './build/build-binding.ts';
export type { TensorflowErrorReason } from './errors.ts';
export type { GpuFacts } from './gpu-log.ts';
export type { Installation, InstallationPlaces } from './installation.ts';
export type { TensorflowOptions } from './load.ts';
export type { NativeArray, TensorId } from './native.ts';
export type { DeviceProbe } from './probe.ts';
export type { MultiOperation, Operation } from './tensorflow.ts';
