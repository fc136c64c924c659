/** The n, engine and seed that every caption carries. Markdown. */

import { formatCount, formatList } from '../format.ts';
import { code, escapeText } from '../markdown.ts';
import type { RunRecord } from '../record.ts';
import type { CnnRun, KnnResult } from '../results.ts';

/** `engine onnx-cpu, seed 42 at batch 32, seeds 43 and 44 at batch 128`. */
export function trainingWords(runs: readonly CnnRun[]): string {
  const engines = [...new Set(runs.map(({ engine }) => code(engine)))];
  const batches = [...new Set(runs.map(({ batchSize }) => batchSize))];
  const seeds = batches.map((batch) => {
    const own = runs.filter(({ batchSize }) => batchSize === batch).map(({ seed }) => String(seed));
    return `${own.length === 1 ? 'seed' : 'seeds'} ${formatList(own)} at batch ${formatCount(batch)}`;
  });
  return `${engines.length === 1 ? 'engine' : 'engines'} ${formatList(engines)}, ${seeds.join(', ')}`;
}

/** `kernel pruned on wasm`: k-NN draws nothing, so there is no seed to name. */
export function searchWords({ kernel, engine }: KnnResult): string {
  return `kernel ${code(kernel)} on ${code(engine)}`;
}

/** `run 2026…, AMD EPYC`. */
export function runWords({ run, machine }: RunRecord): string {
  return `run ${code(run.id)} on ${escapeText(machine.cpuModel)}`;
}

/** Warning in front of a caption for figures that are no results. */
export function warning({ run, data }: RunRecord): string {
  if (run.synthetic) return '**Synthetic images.** ';
  if (run.quick) return '**Quick run, not a result.** ';
  return data.trainLimit !== null || data.testLimit !== null ? '**Subset.** ' : '';
}

/** The same words at the beginning of a sentence. */
export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
