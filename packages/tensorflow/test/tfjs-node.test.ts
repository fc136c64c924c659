/** TensorFlow.js' own API on the built binding. A file of its own: it changes the backend of its process. */
import { describe, expect, test } from 'vitest';

import { findInstallation } from '../src/index.ts';
import { loadTfjsNode } from '../src/tfjs-node.ts';

const installed = findInstallation();

describe.skipIf(installed.state !== 'complete')(
  `loadTfjsNode (${installed.state === 'complete' ? 'found' : `skipped: the binding is ${installed.state}`})`,
  () => {
    test('computes on TensorFlow, on a Node without the removed functions too', () => {
      const tf = loadTfjsNode();
      expect(tf.getBackend()).toBe('tensorflow');
      const square = tf.tensor2d([
        [1, 2],
        [3, 4],
      ]);
      expect([...tf.matMul(square, square).dataSync()]).toEqual([7, 10, 15, 22]);
      expect(loadTfjsNode()).toBe(tf);
    });
  },
);
