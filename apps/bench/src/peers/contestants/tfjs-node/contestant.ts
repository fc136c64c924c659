import { type ContestantSpec, inNode } from '../contestant.ts';

export const tfjsNode: ContestantSpec = {
  id: 'tfjs-node',
  name: 'plain tfjs-node',
  race: 'cnn',
  gpu: false,
  environment: {},
  target: null,
  program: inNode('tfjs-node'),
};
