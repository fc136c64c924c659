/** No number travels alone: the line above every table. */

import { availableParallelism, cpus } from 'node:os';

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} threads, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}.`;
}
