/** `bench engines`: what could compute on this machine, and why the rest could not. */

import type { EngineStatus } from '@fashion-bench/engine';
import { type MachineInfo, printable } from '@fashion-bench/report';

/** One line per engine; a missing one gives its reason where the others name their device. */
export function describeEngines(engines: readonly EngineStatus[]): string {
  const lines = engines.map((status) => {
    if (status.state === 'missing') return ['missing', status.id, status.reason] as const;
    const { id, library, version, device, caveats } = status.engine;
    const notes = caveats.map((caveat) => `; ${caveat}`).join('');
    return ['available', id, `${library} ${version}, ${device}${notes}`] as const;
  });
  const width = Math.max(...lines.map(([, id]) => id.length));
  return lines
    .map(([state, id, words]) => `${state.padEnd(9)}  ${id.padEnd(width)}  ${printable(words)}\n`)
    .join('');
}

/** The same under the keys that a record has. */
export function enginesJson(machine: MachineInfo, engines: readonly EngineStatus[]): string {
  return `${JSON.stringify({ machine, engines }, null, 2)}\n`;
}
