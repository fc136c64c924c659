// A network trained for one epoch, kept as a file of Keras and as a file of ONNX, and read again.
// Run it: pnpm --dir examples exec tsx src/model-files.ts [FOLDER]   (keeps the files in FOLDER; else they are removed)
//
// The same predictions in Python, with Keras 2 or 3:
//   import keras, json, numpy as np
//   model = keras.models.load_model("FOLDER/fashion.h5")
//   expected = json.load(open("FOLDER/predictions.json"))
//   images = np.array(expected["images"], dtype="float32").reshape(-1, 28, 28, 1) / 255
//   print(np.abs(model.predict(images) - expected["probabilities"]).max())   # below 1e-6
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { fashionCnn, predict, trainCnn } from '@fashion-bench/cnn';
import { syntheticFashion } from '@fashion-bench/dataset';
import { exportOnnx, loadKerasH5, saveKerasH5 } from '@fashion-bench/model-files';

const { train, test } = syntheticFashion({ seed: 42, train: 300, test: 5 });
const engine = 'onnx-cpu';
const kept = process.argv[2];
const folder = kept ?? (await mkdtemp(path.join(os.tmpdir(), 'model-files-')));
await mkdir(folder, { recursive: true });

const model = fashionCnn({ seed: 42 });
for await (const event of trainCnn(model, { engine, train, epochs: 1, batchSize: 30 })) {
  if (event.type === 'epoch') console.log(`epoch ${event.epoch}`);
}
const before = await predict(model, test.images, { engine });

await saveKerasH5(model, path.join(folder, 'fashion.h5'), {
  training: {
    loss: 'sparse_categorical_crossentropy',
    optimizer: { name: 'adam', learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
    metrics: ['accuracy'],
  },
});
await exportOnnx(model, path.join(folder, 'fashion.onnx'), { classNames: test.classNames });
await writeFile(
  path.join(folder, 'predictions.json'),
  JSON.stringify({
    images: Array.from(test.images),
    probabilities: Array.from({ length: 5 }, (_, i) => [
      ...before.probabilities.subarray(10 * i, 10 * i + 10),
    ]),
  }),
);

const loaded = await loadKerasH5(path.join(folder, 'fashion.h5'));
const after = await predict(loaded.model, test.images, { engine });
const difference = Math.max(
  ...after.probabilities.map((p, i) => Math.abs(p - before.probabilities[i]!)),
);
console.log(`largest difference after loading: ${difference}`);
console.log(`compiled with ${loaded.training?.optimizer?.name ?? 'nothing'}`);

if (kept === undefined) await rm(folder, { recursive: true });
model.dispose();
loaded.model.dispose();

/* Prints:
epoch 1
largest difference after loading: 0
compiled with adam
*/
