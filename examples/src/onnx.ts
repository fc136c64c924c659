// A graph built by hand, one ONNX operator per line, and run on onnxruntime: softmax(x W + b).
// Run it: pnpm --dir examples exec tsx src/onnx.ts
import { GraphBuilder, OnnxSession } from '@fashion-bench/onnx';

const graph = new GraphBuilder('softmax-layer');
const x = graph.input('x', 'float32', ['n', 2]); // [n, 2]
const weights = graph.constant('float32', [2, 3], Float32Array.of(1, 0, -1, 0, 1, 1));
const bias = graph.constant('float32', [3], Float32Array.of(0, 0.5, 0));
const logits = graph.op('Add', [graph.op('MatMul', [x, weights]), bias]); // [n, 3]
graph.output('probabilities', graph.op('Softmax', [logits], { axis: -1 }));

const session = await OnnxSession.create(graph.build(), { threads: 1 });
const feeds = {
  x: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 0, 0, 2) },
} as const;
const { probabilities } = await session.run(feeds);
if (probabilities?.data instanceof Float32Array) {
  console.log(`[${probabilities.shape.join(', ')}]`);
  console.log(Array.from(probabilities.data, (p) => p.toFixed(3)).join(' '));
}
await session.dispose();

// Every node is checked when it is added, in the words of the graph.
try {
  graph.op('MatMul', [x, bias]);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
}

/* Prints:
[2, 3]
0.574 0.348 0.078 0.049 0.592 0.359
node MatMul_… (float32[n,2], float32[3]): a matrix product needs rank 2 or more, not [n,2] and [3]
*/
