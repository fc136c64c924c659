/** One file of test/support/exhausting.ts, opened and asked for a prediction in a process of its own: what it took, as JSON. */
import { outcomeOf } from '../test/support/fuzz.ts';

const [path = ''] = process.argv.slice(2);
const begun = performance.now();
const outcome = await outcomeOf(path);
const seconds = (performance.now() - begun) / 1000;
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ outcome, seconds, peakBytes }));
