import { OURS } from '../../ours.ts';
import { type ContestantSpec, inNode } from '../contestant.ts';

export const fashionBenchKnn: ContestantSpec = {
  id: OURS,
  name: OURS,
  race: 'knn',
  gpu: false,
  environment: {},
  target: null,
  program: inNode('fashion-bench-knn'),
};
