/**
 * Looks whether onnxruntime-node loads here. Its binary lies inside the npm package, so a failure means a
 * platform without one (macOS on Intel, musl, an old glibc). Importing it starts no session and no thread.
 */

import { loadOnnxruntime } from '@fashion-bench/onnx';

import { packageJsonPath, packageVersion } from './package-version.ts';

export interface OnnxruntimeProbe {
  readonly version: string;
  /** Execution providers inside the installed binary, such as `cpu` and `webgpu`. */
  readonly providers: readonly string[];
}

/** @throws Error with the loader's own message when the native binding does not load. */
export async function probeOnnxruntime(): Promise<OnnxruntimeProbe> {
  const path = packageJsonPath('onnxruntime-node');
  if (path === null) throw new Error('the package onnxruntime-node is not installed');
  const onnxruntime = await loadOnnxruntime();
  return {
    version: packageVersion(path),
    providers: onnxruntime
      .listSupportedBackends()
      .filter((backend) => backend.bundled)
      .map((backend) => backend.name),
  };
}
