import { type ContestantSpec, inPython } from '../contestant.ts';

export const sklearn: ContestantSpec = {
  id: 'sklearn',
  name: 'scikit-learn',
  race: 'knn',
  gpu: false,
  environment: {},
  target: { factor: 12, device: 'any' },
  program: inPython('sklearn', { 'scikit-learn': 'sklearn', numpy: 'numpy' }),
};
