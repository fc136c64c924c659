// Numbers that depend on a seed, a name and counters, and on nothing that was drawn before.
// Run it: pnpm --dir examples exec tsx src/random.ts
import { permutation, randomStream } from '@fashion-bench/random';

// The shuffle of epoch 3 is the same whether or not epochs 0 to 2 were ever drawn.
const order = permutation(10, randomStream(42, 'shuffle', 3));
console.log(`order: ${order.join(' ')}`);

// A stream per image: image 17 gets the same numbers on one thread or on eight.
const stream = randomStream(42, 'brightness', 3, 17);
console.log(`brightness: ${stream.uniform(0.9, 1.1).toFixed(4)}`);
console.log(`class: ${stream.integer(0, 10)}`);

/* Prints:
order: 7 8 4 2 9 6 5 0 3 1
brightness: 1.0099
class: 6
*/
