// Two matrices through TensorFlow's own operations, where its binding has been built; else what is missing.
// Run it: pnpm --dir examples exec tsx src/tensorflow.ts
import { attribute, loadTensorflow, TensorflowError } from '@fashion-bench/tensorflow';

function square(): string {
  const tf = loadTensorflow({ device: 'cpu' });
  const matMul = tf.operation('MatMul', {
    T: attribute.type('float32'),
    transpose_a: attribute.bool(false),
    transpose_b: attribute.bool(false),
  });
  // Everything made inside is freed at its end.
  const product = tf.scope(() => {
    const matrix = tf.tensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
    return tf.read(matMul(matrix, matrix));
  });
  return `${product.join(', ')}; ${tf.tensorCount} tensors left`;
}

try {
  console.log(`[[1, 2], [3, 4]] squared: ${square()}`);
} catch (error) {
  if (!(error instanceof TensorflowError)) throw error;
  console.log(`[[1, 2], [3, 4]] squared: not here: ${error.message}`);
}

/* Prints:
[[1, 2], [3, 4]] squared: …
*/
