/** What ran before the first clock of a training, as a record says it: made from what was done, so that the two cannot differ. */

import type { WarmUpEvent } from '@fashion-bench/training';

/** @returns for example `9 steps of 32 and 1 step of 16 blank images, ...` */
export function describeWarmUp({ steps, images, predicted }: WarmUpEvent): string {
  const sizes = [...new Set(steps)].map((size) => {
    const count = steps.filter((other) => other === size).length;
    return `${count} ${count === 1 ? 'step' : 'steps'} of ${size}`;
  });
  const what = images === 'blank' ? 'blank images' : 'copies of the first training image';
  const prediction = predicted === 0 ? '' : `, a prediction of ${predicted} test images`;
  return `${sizes.join(' and ')} ${what}${prediction}; the state before is put back`;
}
