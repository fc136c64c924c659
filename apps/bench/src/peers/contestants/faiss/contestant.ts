import { type ContestantSpec, inPython } from '../contestant.ts';

export const faiss: ContestantSpec = {
  id: 'faiss',
  name: 'FAISS',
  race: 'knn',
  gpu: false,
  environment: {},
  target: { factor: 4, device: 'any' },
  program: inPython('faiss', { faiss: 'faiss', numpy: 'numpy' }),
};
