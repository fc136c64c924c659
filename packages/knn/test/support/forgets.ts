/** A program that forgets `dispose()`, in the way named by its argument, and must end all the same. */
import { KNeighborsClassifier, nearestNeighbors } from '../../src/index.ts';
import { bumps } from '../helpers.ts';

const train = bumps(64, 32, 1);
const labels = new Array<number>(64).fill(1);
const way = process.argv[2];

if (way === 'fit by Manhattan distance, no search') {
  await new KNeighborsClassifier({ metric: 'manhattan', algorithm: 'pruned', threads: 2 }).fit(
    train,
    labels,
  );
} else if (way === 'more threads than pieces of work') {
  const search = await nearestNeighbors(train, { algorithm: 'pruned', threads: 5 });
  await search.search(bumps(2, 32, 2), 1);
} else if (way === 'a search that is still at work is waited for') {
  const search = await nearestNeighbors(train, { algorithm: 'pruned', threads: 3 });
  void search.search(bumps(50, 32, 2), 1).then(() => {
    process.stdout.write('found');
  });
} else throw new Error(`there is no way "${way ?? ''}"`);
