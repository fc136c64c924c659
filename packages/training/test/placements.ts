/**
 * Run as a program by webgpu.test.ts: compiles the device's graphs of two networks with onnxruntime's log on, which is written to
 * standard error by native code and so can be read from outside only.
 */
import { DeviceSession } from '@fashion-bench/onnx';
import * as tf from '@tensorflow/tfjs';
import { adam, networkOf, sgd } from '../src/index.ts';
import { gradientGraph, predictionGraph, stepsGraph } from '../src/onnx-webgpu/graphs.ts';

const { conv2d, maxPooling2d, dropout, flatten, dense } = tf.layers;
const inputShape = [28, 28, 1];
const convolution = { padding: 'same', activation: 'relu' } as const;

const study = tf.sequential({
  layers: [
    conv2d({ inputShape, filters: 64, kernelSize: 4, ...convolution }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.1 }),
    conv2d({ filters: 32, kernelSize: 4, ...convolution }),
    maxPooling2d({ poolSize: 2 }),
    dropout({ rate: 0.3 }),
    flatten(),
    dense({ units: 256, activation: 'relu' }),
    dropout({ rate: 0.5 }),
    dense({ units: 10, activation: 'softmax' }),
  ],
});
const published = tf.sequential({
  layers: [
    conv2d({ inputShape, filters: 32, kernelSize: 5, ...convolution }),
    maxPooling2d({ poolSize: 2 }),
    conv2d({ filters: 64, kernelSize: 5, ...convolution }),
    maxPooling2d({ poolSize: 2 }),
    flatten(),
    dense({ units: 1024, activation: 'relu' }),
    dropout({ rate: 0.4 }),
    dense({ units: 10, activation: 'softmax' }),
  ],
});

for (const [model, optimizer] of [
  [study, adam()],
  [published, sgd()],
] as const) {
  const network = networkOf(model);
  const options = {
    batch: 32,
    images: { dtype: 'uint8', scale: 1 / 255 },
    dropout: 'hashed',
  } as const;
  const graphs = [
    stepsGraph(network, options, optimizer, 2),
    gradientGraph(network, options),
    predictionGraph(network, options),
  ];
  for (const graph of graphs) {
    // The CPU may help: what it would take over is in the log, where a refusal would only say that there is something.
    const session = await DeviceSession.create(graph, { log: 'placements', cpuFallback: true });
    await session.dispose();
  }
}
