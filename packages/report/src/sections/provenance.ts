/** Where the numbers come from: machine, software, engines, data, and how to repeat the run. */

import { formatBytes, formatCount, formatSeconds, NOTHING } from '../format.ts';
import { blocks, code, codeBlock, escapeText, factTable, table } from '../markdown.ts';
import type { EngineEntry, MachineInfo, OptionValue, RunRecord } from '../record.ts';

export function machineFacts(machine: MachineInfo): string {
  const { physicalCores, logicalCores, availableCores, gpu, loadAverage } = machine;
  return factTable('Machine', [
    ['Processor', `${escapeText(machine.cpuModel)} (${escapeText(machine.architecture)})`],
    [
      'Cores',
      `${physicalCores === null ? '' : `${physicalCores} physical, `}${logicalCores} logical, ${availableCores} available to the run`,
    ],
    ['Instruction sets', machine.cpuFeatures.map(code).join(', ') || NOTHING],
    ['Memory', formatBytes(machine.memoryBytes)],
    [
      'GPU',
      gpu === null
        ? 'none'
        : [
            escapeText(gpu.name),
            ...(gpu.driver === null ? [] : [`driver ${escapeText(gpu.driver)}`]),
            ...(gpu.memoryBytes === null ? [] : [formatBytes(gpu.memoryBytes)]),
          ].join(', '),
    ],
    ['Operating system', escapeText(machine.os)],
    [
      'Load at the start (1, 5, 15 minutes)',
      loadAverage === null ? NOTHING : loadAverage.map((load) => load.toFixed(2)).join(', '),
    ],
  ]);
}

export function softwareFacts({ run }: Pick<RunRecord, 'run'>): string {
  return factTable('Software', [
    ['fashion-bench', `${escapeText(run.version)}, ${commit(run)}`],
    ['Node', escapeText(run.nodeVersion)],
    ...Object.entries(run.packages).map(
      ([name, version]) => [code(name), escapeText(version)] as const,
    ),
  ]);
}

export function engineTable(engines: readonly EngineEntry[]): string {
  return table(
    [
      { title: 'Engine' },
      { title: 'State' },
      { title: 'Library, device and caveats, or why it is missing' },
    ],
    engines.map((entry) => {
      if (entry.state === 'missing') return [code(entry.id), 'missing', escapeText(entry.reason)];
      const { id, library, version, device, driver, gpu, caveats } = entry.engine;
      const words = [
        `${library} ${version} on ${device}${gpu ? ' (GPU)' : ''}`,
        ...(driver === undefined ? [] : [`driver ${driver}`]),
        ...caveats,
      ];
      return [code(id), 'available', escapeText(words.join('; '))];
    }),
  );
}

export function dataFacts({ data }: Pick<RunRecord, 'data'>): string {
  const limits = [
    ...(data.trainLimit === null ? [] : [`training limit ${formatCount(data.trainLimit)}`]),
    ...(data.testLimit === null ? [] : [`test limit ${formatCount(data.testLimit)}`]),
    ...(data.subsetRule === null ? [] : [escapeText(data.subsetRule)]),
  ];
  return factTable('Data', [
    ['Set', `${escapeText(data.name)}${data.synthetic ? ' (**synthetic**)' : ''}`],
    ['Source', code(data.source)],
    [
      'Images',
      `${formatCount(data.trainCount)} for training, ${formatCount(data.testCount)} for testing`,
    ],
    ['Subset', limits.join(', ') || 'no, all images'],
    ...Object.entries(data.sha256).map(
      ([name, hash]) => [`SHA-256 of ${code(name)}`, code(hash)] as const,
    ),
  ]);
}

export function repeatIt({ run }: Pick<RunRecord, 'run'>): string {
  const checkout = run.gitCommit === null ? [] : [`git checkout ${run.gitCommit}`];
  const dirty =
    run.gitDirty === true
      ? 'The checkout had uncommitted changes: this commit is not exactly the code that ran.'
      : '';
  return blocks(
    codeBlock([...checkout, run.command], 'sh'),
    dirty === '' ? '' : `**${dirty}**`,
    `Run ${code(run.id)} began at ${escapeText(run.startedAt)} with seed ${run.seed}, took ${formatSeconds(run.wallSeconds)} and used at most ${formatBytes(run.peakMemoryBytes)} of memory. All options, defaults included:`,
    factTable(
      'Option',
      Object.entries(run.options).map(([name, value]) => [code(name), option(value)] as const),
    ),
  );
}

/** Band by band: what the run promised and what came out. */
export function expectationTable({ run }: Pick<RunRecord, 'run'>): string {
  if (run.expectations.length === 0) return '';
  return table(
    [
      { title: 'Stated band' },
      { title: 'Expected' },
      { title: 'Measured', align: 'right' },
      { title: 'Met' },
    ],
    run.expectations.map(({ name, expected, measured, ok }) => [
      escapeText(name),
      escapeText(expected),
      String(measured),
      ok ? 'yes' : '**no**',
    ]),
  );
}

function commit({ gitCommit, gitDirty }: RunRecord['run']): string {
  if (gitCommit === null) return 'not from a git checkout';
  return `commit ${code(gitCommit)}${gitDirty === true ? ' with uncommitted changes' : ''}`;
}

function option(value: OptionValue): string {
  if (value === null) return NOTHING;
  return typeof value === 'object'
    ? value.map((item) => code(String(item))).join(', ')
    : code(String(value));
}
