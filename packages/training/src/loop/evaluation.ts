/** How well a trainer's network does on the test images. */
import { correctOf, meanLoss } from './mean-loss.ts';
import type { EpochEvent } from './events.ts';
import { imageCount, type TrainingSet } from './options.ts';
import type { NetworkSpec } from '../network/network.ts';
import type { Trainer } from '../trainer/trainer.ts';

/** The figures of an epoch that come from the test images, with the time they took. */
export async function evaluateOn(
  trainer: Trainer,
  network: NetworkSpec,
  test: TrainingSet,
): Promise<
  Required<
    Pick<
      EpochEvent,
      'testAccuracy' | 'testLoss' | 'testCorrect' | 'testTotal' | 'evaluationSeconds'
    >
  >
> {
  const started = performance.now();
  const testTotal = imageCount(test, network);
  const probabilities = await trainer.predict(test.images, testTotal);
  const testCorrect = correctOf(probabilities, test.labels, network);
  const evaluationSeconds = (performance.now() - started) / 1000;
  return {
    testAccuracy: testCorrect / testTotal,
    testLoss: meanLoss(probabilities, test.labels, network),
    testCorrect,
    testTotal,
    evaluationSeconds,
  };
}
