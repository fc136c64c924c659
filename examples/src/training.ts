// Trains a Keras-style model without native TensorFlow: the model is compiled to one ONNX graph with forward pass,
// loss, backward pass and Adam in it. Nothing here knows about fashion.
// Run it: pnpm --dir examples exec tsx src/training.ts
import { randomStream } from '@fashion-bench/random';
import { adam, fitInWorker, networkOf, setWeightsOf, weightsOf } from '@fashion-bench/training';
import * as tf from '@tensorflow/tfjs';

// 400 images of noise, [400, 8, 8, 1]; those of class 1 have a bright patch somewhere.
const noise = randomStream(42, 'noise');
const labels = Uint8Array.from({ length: 400 }, (_, i) => i % 2);
const images = Uint8Array.from({ length: 400 * 64 }, () => noise.integer(0, 100));
labels.forEach((label, i) => {
  const corner = i * 64 + noise.integer(0, 6) * 8 + noise.integer(0, 6);
  for (const pixel of [0, 1, 8, 9]) images[corner + pixel] = label === 1 ? 250 : 50;
});

tf.enableProdMode(); // or TensorFlow.js greets its first tensor
const { conv2d, dense, dropout, flatten, maxPooling2d } = tf.layers;
const kernelInitializer = tf.initializers.glorotUniform({ seed: 42 });
const model = tf.sequential({
  layers: [
    conv2d({
      inputShape: [8, 8, 1],
      filters: 8,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer,
    }),
    maxPooling2d({ poolSize: 2 }), // [n, 4, 4, 8]
    dropout({ rate: 0.1 }),
    flatten(),
    dense({ units: 2, activation: 'softmax', kernelInitializer }),
  ],
});

// In a thread of its own: this one stays free for a progress bar.
const events = fitInWorker({
  engine: 'onnx-cpu',
  network: networkOf(model),
  weights: weightsOf(model),
  optimizer: adam({ learningRate: 0.01 }),
  train: { images, labels },
  epochs: 10,
  batchSize: 20,
  seed: 42,
});
for await (const event of events) {
  if (event.type === 'epoch' && event.epoch % 5 === 0) {
    console.log(
      `epoch ${event.epoch}: accuracy ${event.accuracy.toFixed(2)}, in ${event.seconds.toFixed(2)} s`,
    );
  }
  if (event.type === 'end') setWeightsOf(model, event.state.weights);
}

// It is an ordinary tf.Sequential again.
const scaled = tf.tensor4d(
  Float32Array.from(images.subarray(0, 128), (x) => x / 255),
  [2, 8, 8, 1],
);
const prediction = model.predict(scaled);
if (prediction instanceof tf.Tensor)
  console.log(`classes: ${prediction.argMax(-1).dataSync().join(' ')}`);

/* Prints:
epoch 5: accuracy 0.99, in … s
epoch 10: accuracy 1.00, in … s
classes: 0 1
*/
