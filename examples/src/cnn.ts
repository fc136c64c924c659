// The study's network, trained in a thread of its own, evaluated, saved and loaded. With `await loadFashionMnist()` in the
// place of syntheticFashion(), and without `epochs`, this is the study's whole experiment.
// Run it: pnpm --dir examples exec tsx src/cnn.ts
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate, fashionCnn, loadModel, predict, saveModel, trainCnn } from '@fashion-bench/cnn';
import { IMAGE_SIZE, syntheticFashion } from '@fashion-bench/dataset';

const { train, test } = syntheticFashion({ seed: 42, train: 1000, test: 200 });
const model = fashionCnn({ seed: 42 });
console.log(`${model.countParams()} parameters`);

// Events come while the network learns; in between, this thread is free. A `signal` would end it at the next step.
for await (const event of trainCnn(model, { engine: 'onnx-cpu', train, test, epochs: 3 })) {
  if (event.type === 'epoch') {
    const { epoch, loss, testAccuracy = NaN } = event;
    console.log(
      `epoch ${epoch}: loss ${loss.toFixed(2)}, test accuracy ${testAccuracy.toFixed(2)}`,
    );
  }
}

const { correct, total, confusion } = await evaluate(model, test, { engine: 'onnx-cpu' });
console.log(`${correct > total / 2 ? 'more' : 'less'} than half of ${total} right`);
console.log(`trousers taken for dresses: ${confusion[1 * 10 + 3] ?? 0}`);

// A folder that plain TensorFlow.js reads, too.
const folder = await mkdtemp(join(tmpdir(), 'cnn-'));
await saveModel(model, join(folder, 'model'));
console.log((await readdir(join(folder, 'model'))).join(' and '));
const images = test.images.subarray(0, 3 * IMAGE_SIZE);
const { labels } = await predict(await loadModel(join(folder, 'model')), images, {
  engine: 'onnx-cpu',
});
console.log(Array.from(labels, (label) => test.classNames[label]).join(', '));
await rm(folder, { recursive: true });

/* Prints:
438122 parameters
epoch 1: loss …, test accuracy …
epoch 2: loss …, test accuracy …
epoch 3: loss …, test accuracy …
more than half of 200 right
trousers taken for dresses: …
model.json and weights.bin
…, …, …
*/
