/** Which compute engines this machine has, on which device, at which version; why the others are missing. */

export { listEngines, resolveEngine } from './engines.ts';
export { EngineOptionsError, EngineUnavailableError, UnknownEngineError } from './errors.ts';
export { ENGINE_IDS, isEngineId } from './types.ts';

export type { EngineOptions } from './engines.ts';
export type { OnnxruntimeProbe } from './probe/onnxruntime.ts';
export type { TensorflowProbe } from './probe/tensorflow.ts';
export type { VulkanProbe } from './probe/vulkan.ts';
export type { WebgpuDevice, WebgpuProbe } from './probe/webgpu.ts';
export type { EngineProbes } from './probes.ts';
export type { EngineId, EngineInfo, EngineStatus } from './types.ts';
