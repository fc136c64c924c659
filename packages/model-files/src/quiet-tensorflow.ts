/**
 * TensorFlow.js' plain backend greets its first use in Node with advice to install a native one. A library does not
 * print, so production mode is switched on before the first tensor; once only, so that a caller's own choice holds.
 */
import * as tf from '@tensorflow/tfjs';

let done = false;

export function quietTensorflow(): void {
  if (done) return;
  done = true;
  tf.enableProdMode();
}
