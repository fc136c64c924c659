/**
 * |q|^2 - 2 q.t + |t|^2 as one float32 product on onnxruntime's WebGPU provider, every distance read back. A search does better
 * (webgpu/search.ts): it selects on the device. This is the kernel alone, to be timed beside the others.
 */
import { types } from 'node:util';
import { squaredNorms } from '../matrix.ts';
import type { CheckedMatrix } from '../matrix.ts';
import { DeviceRows } from '../webgpu/device-rows.ts';
import { refuseOutput } from './kernel.ts';
import type { CheckedKernel, CheckedPreparedKernel } from './kernel.ts';
import { loadOnnx } from './peers.ts';
import { deviceError } from './rounding.ts';

/** The kernel `webgpu`. Its output is float32. Preparing it needs the provider and a driver. */
export function webgpuKernel(): CheckedKernel {
  return { id: 'webgpu', prepare };
}

async function prepare(train: CheckedMatrix): Promise<CheckedPreparedKernel> {
  const device = await DeviceRows.create(await loadOnnx('webgpu'), train);
  const { rows, columns } = train;
  const kernel: CheckedPreparedKernel = {
    id: 'webgpu',
    path: 'one float32 matrix product, onnxruntime, WebGPU',
    rows,
    columns,
    output: 'float32',
    relativeError: deviceError(columns),
    squaredDistancesInto: async (queries, out) => {
      if (!types.isFloat32Array(out) || out.length !== queries.rows * rows)
        refuseOutput(kernel, queries, out);
      const norms = squaredNorms(queries);
      for (const { from, rows: held, scores, stride } of await device.scores(queries)) {
        for (let q = 0; q < queries.rows; q++) {
          const norm = norms[q]!;
          for (let t = 0; t < held; t++) out[q * rows + from + t] = scores[q * stride + t]! + norm;
        }
      }
    },
    dispose: () => device.dispose(),
  };
  return kernel;
}
