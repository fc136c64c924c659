/** The parts of a run that was interrupted and resumed: where each was measured, and what. */

import { formatBytes, formatSeconds, NOTHING } from '../format.ts';
import { blocks, escapeText, table } from '../markdown.ts';
import type { RunRecord } from '../record.ts';
import { differencesOf, measuredInStretch } from '../stretches.ts';

/** Empty for a run that one process measured. */
export function stretchTable(record: RunRecord): string {
  const { stretches = [] } = record;
  if (stretches.length === 0) return '';
  const differences = differencesOf(record);
  return blocks(
    table(
      [
        { title: 'Part', align: 'right' },
        { title: 'Began' },
        { title: 'Machine and Node' },
        { title: 'Time', align: 'right' },
        { title: 'Peak memory', align: 'right' },
        { title: 'Measured in it' },
      ],
      stretches.map(({ startedAt, machine, nodeVersion, wallSeconds, peakMemoryBytes }, i) => [
        String(i + 1),
        escapeText(startedAt),
        escapeText(
          `${machine.cpuModel}, ${machine.availableCores} cores available, Node ${nodeVersion}`,
        ),
        formatSeconds(wallSeconds),
        formatBytes(peakMemoryBytes),
        escapeText(measuredInStretch(record, i + 1)) || NOTHING,
      ]),
    ),
    differences.length === 0
      ? 'The run was interrupted and resumed, on the same machine and by the same program.'
      : escapeText(
          `The run was interrupted and resumed, and its parts differ in ${differences.join('; ')}. What this report says of machine and software elsewhere is so of part 1.`,
        ),
  );
}
