/** Who can race, and how each is started. One more contestant is one more entry. */

import { extname, join } from 'node:path';

import type { RaceKind } from '@fashion-bench/report';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

export interface Entrant {
  readonly id: string;
  readonly name: string;
  readonly kind: RaceKind;
  readonly program: (setting: { readonly python: string; readonly root: string }) => Program;
}

/** The id under which this project itself stands in a record. */
export const OURS = 'fashion-bench';

function inPython(script: string): Entrant['program'] {
  // -u: answers must not wait in a buffer. -B: no __pycache__ in the checkout.
  return ({ python, root }) => ({
    file: python,
    args: ['-u', '-B', join(root, 'benchmarks', 'peers', script)],
  });
}

/**
 * A program of this project, in a process of its own like all the others. From the sources, in tests, Node needs the
 * loader that runs this file.
 */
function inNode(script: string, ...words: readonly string[]): Entrant['program'] {
  const extension = extname(import.meta.filename);
  const loader =
    extension === '.ts'
      ? ['--conditions=@fashion-bench/source', '--import', import.meta.resolve('tsx')]
      : [];
  const path = join(import.meta.dirname, `${script}${extension}`);
  return () => ({ file: process.execPath, args: [...loader, path, ...words] });
}

export const ENTRANTS: readonly Entrant[] = [
  { id: OURS, name: OURS, kind: 'cnn', program: inNode('contestant') },
  { id: 'keras', name: 'Keras', kind: 'cnn', program: inPython('keras_cnn.py') },
  { id: 'torch', name: 'PyTorch', kind: 'cnn', program: inPython('torch_cnn.py') },
  {
    ...{ id: 'tfjs-node', name: 'plain tfjs-node', kind: 'cnn' },
    program: inNode('contestant', 'tfjs-node'),
  },
  { id: OURS, name: OURS, kind: 'knn', program: inNode('contestant') },
  { id: 'faiss', name: 'FAISS', kind: 'knn', program: inPython('faiss_knn.py') },
  { id: 'sklearn', name: 'scikit-learn', kind: 'knn', program: inPython('sklearn_knn.py') },
];

/** Ids of the others in a race, in the order in which they run. */
export function peerIds(kind: RaceKind): readonly string[] {
  return ENTRANTS.filter((entrant) => entrant.kind === kind && entrant.id !== OURS).map(
    ({ id }) => id,
  );
}
