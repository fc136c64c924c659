import { type ContestantSpec, inPython } from '../contestant.ts';

export const keras: ContestantSpec = {
  id: 'keras',
  name: 'Keras',
  race: 'cnn',
  gpu: false,
  environment: {},
  target: { factor: 1, device: 'any' },
  program: inPython('keras', { keras: 'keras', tensorflow: 'tensorflow' }),
};
