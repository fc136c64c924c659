// The study's network: train it, look at what it confuses, keep it in a folder, use it again.
// With `await loadFashionMnist()` in the place of syntheticFashion() and all defaults this is the study's experiment.
// Run it: pnpm --dir examples exec tsx src/cnn.ts
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { evaluate, fashionCnn, loadModel, predict, saveModel, trainCnn } from '@fashion-bench/cnn';
import { syntheticFashion } from '@fashion-bench/dataset';

const { train, test } = syntheticFashion({ seed: 42, train: 600, test: 200 });
const engine = 'onnx-cpu';

const model = fashionCnn({ seed: 42 });
console.log(`${model.countParams()} parameters`);

for await (const event of trainCnn(model, { engine, train, test, epochs: 3, batchSize: 30 })) {
  if (event.type === 'epoch') console.log(`epoch ${event.epoch}: loss ${event.loss.toFixed(3)}`);
}

const { accuracy, confusion } = await evaluate(model, test, { engine });
console.log(
  `better than 50 %: ${accuracy > 0.5}, sneakers taken for sneakers: ${confusion[7 * 10 + 7]!}`,
);

const folder = await mkdtemp(path.join(os.tmpdir(), 'fashion-cnn-'));
await saveModel(model, path.join(folder, 'model'));
const again = await loadModel(path.join(folder, 'model'));
const { labels } = await predict(again, test.images.subarray(0, 784), { engine });
console.log(`the first test image: ${test.classNames[labels[0]!] ?? ''}`);

await rm(folder, { recursive: true });
model.dispose();
again.dispose();

/* Prints:
438122 parameters
epoch 1: loss …
epoch 2: loss …
epoch 3: loss …
better than 50 %: true, sneakers taken for sneakers: …
the first test image: Trouser
*/
