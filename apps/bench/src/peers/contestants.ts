/** Who can race: a row for each folder of contestants/, in the order in which they run, ours first. */

import type { RaceKind } from '@fashion-bench/report';

import type { ContestantSpec } from './contestants/contestant.ts';
import { faiss } from './contestants/faiss/contestant.ts';
import { fashionBenchCnn } from './contestants/fashion-bench-cnn/contestant.ts';
import { fashionBenchKnn } from './contestants/fashion-bench-knn/contestant.ts';
import { keras } from './contestants/keras/contestant.ts';
import { sklearn } from './contestants/sklearn/contestant.ts';
import { tfjsNode } from './contestants/tfjs-node/contestant.ts';
import { torch } from './contestants/torch/contestant.ts';
import { OURS } from './ours.ts';

export const CONTESTANTS: readonly ContestantSpec[] = [
  fashionBenchCnn,
  keras,
  torch,
  tfjsNode,
  fashionBenchKnn,
  faiss,
  sklearn,
];

/** Ids of the others in a race, in the order in which they run. */
export function peerIds(kind: RaceKind): readonly string[] {
  return CONTESTANTS.filter(({ id, race }) => race === kind && id !== OURS).map(({ id }) => id);
}
