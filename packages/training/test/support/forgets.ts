/** Asks a training in a thread for its first event and forgets it: the thread waits for images that nobody will give it. */
import { fitInWorker } from '../../src/index.ts';
import { squares, tinyTraining } from '../runs.ts';

const events = fitInWorker({
  ...tinyTraining,
  engine: 'reference',
  epochs: 2,
  imagesOfEpoch: () => squares(103, 1).images,
});
await events.next();
process.stdout.write('one event');
