import { OURS } from '../../ours.ts';
import { type ContestantSpec, inNode } from '../contestant.ts';

export const fashionBenchCnn: ContestantSpec = {
  id: OURS,
  name: OURS,
  race: 'cnn',
  gpu: true,
  environment: {},
  target: null,
  program: inNode('fashion-bench-cnn'),
};
