// What could compute on this machine, and why the rest cannot.
// Run it: pnpm --dir examples exec tsx src/engine.ts
import { EngineUnavailableError, listEngines, resolveEngine } from '@fashion-bench/engine';

for (const status of await listEngines()) {
  const what =
    status.state === 'available'
      ? `${status.engine.library} ${status.engine.version}`
      : status.reason;
  console.log(`${status.state === 'available' ? status.engine.id : status.id}: ${what}`);
}

// By name you get this engine or an error, never another one.
try {
  const engine = await resolveEngine('onnx-cpu', { threads: 2 });
  console.log(`${engine.id} computes on ${engine.device}`);
} catch (error) {
  if (!(error instanceof EngineUnavailableError)) throw error;
  console.log(`not here: ${error.message}`);
}

/* Prints:
tensorflow-gpu: …
tensorflow: …
onnx-cpu: onnxruntime-node 1.30.0
onnx-webgpu: …
reference: @tensorflow/tfjs 4.22.0
onnx-cpu computes on …
*/
