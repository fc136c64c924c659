/**
 * Laps of plain TensorFlow.js on TensorFlow: `model.fit` of @tensorflow/tfjs-node-gpu with its own layers, dropout and Adam, on
 * the same binding and library as our engine `tensorflow`. So a user sees what our operations are worth.
 */

import { TensorflowError } from '@fashion-bench/tensorflow';
import { loadTfjsNode } from '@fashion-bench/tensorflow/tfjs-node';

import { type CnnJob, TRAIN_IMAGES, TRAIN_LABELS } from '../../messages.ts';
import { runProgram, type Track } from '../../node-program.ts';

const SIDE = 28;

/** @throws TensorflowError where the binding is not there */
async function laps(job: CnnJob, track: Track): Promise<void> {
  const { threads, batchSize } = job;
  // As everyone here: on the processor, with so many threads inside an operation.
  Object.assign(process.env, {
    CUDA_VISIBLE_DEVICES: '-1',
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_CPP_MIN_LOG_LEVEL: '2',
  });
  const tf = loadTfjsNode();
  const pixels = await track.array(TRAIN_IMAGES);
  const classes = await track.array(TRAIN_LABELS);
  const count = classes.length;
  const images = tf.tensor4d(
    Float32Array.from(pixels, (value) => value / 255),
    [count, SIDE, SIDE, 1],
  );
  const labels = tf.tensor2d(Float32Array.from(classes), [count, 1]);

  const same = { kernelSize: 4, padding: 'same', activation: 'relu' } as const;
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 64, inputShape: [SIDE, SIDE, 1], ...same }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.dropout({ rate: 0.1 }),
      tf.layers.conv2d({ filters: 32, ...same }),
      tf.layers.maxPooling2d({ poolSize: 2 }),
      tf.layers.dropout({ rate: 0.3 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 256, activation: 'relu' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 10, activation: 'softmax' }),
    ],
  });
  model.compile({
    optimizer: tf.train.adam(0.001),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const shared = { batchSize, verbose: 0 } as const;
  const warm = Math.min(count, 8 * batchSize);
  await model.fit(images.slice(0, warm), labels.slice(0, warm), { ...shared, epochs: 1 });
  track.ready({
    versions: { 'tfjs-node-gpu': tf.version['tfjs-node'], node: process.versions.node },
    details: `model.fit on float32, ${threads} threads inside an operation`,
    blas: null,
  });
  let start = 0;
  await model.fit(images, labels, {
    ...shared,
    epochs: job.rounds,
    shuffle: true,
    callbacks: {
      onEpochBegin: async () => {
        if (!(await track.go())) model.stopTraining = true;
        start = performance.now();
      },
      onEpochEnd: (_, logs) => {
        if (model.stopTraining) return;
        const epoch = (performance.now() - start) / 1000;
        track.lap({
          seconds: { epoch },
          loss: logs?.['loss'] ?? null,
          accuracy: logs?.['acc'] ?? null,
        });
      },
    },
  });
}

// Missing like any other library where it is not installed.
await runProgram('cnn', async (job, track) => {
  try {
    await laps(job, track);
  } catch (error) {
    if (!(error instanceof TensorflowError)) throw error;
    track.missing(error.message);
  }
});
