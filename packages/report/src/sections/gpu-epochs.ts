/** Epochs on a GPU, in a table of their own: device, driver and engine beside the time of the warm ones. */

import { formatCount, formatRange, formatSeconds, NOTHING } from '../format.ts';
import { blocks, code, escapeText, table } from '../markdown.ts';
import type { AvailableEngine, RunRecord } from '../record.ts';
import type { CnnRun } from '../results.ts';
import { quantile } from '../statistics/proportions.ts';

type Engine = AvailableEngine['engine'];

interface GpuTraining {
  readonly run: string;
  readonly engine: Engine;
  readonly training: CnnRun;
}

/** Empty when no training ran on a GPU. A driver that imitates one on the processor is none. */
export function gpuEpochs(records: readonly RunRecord[]): string {
  const rows = trainingsWithEngine(records).filter(({ engine }) => engine.gpu);
  if (rows.length === 0) return '';
  const several = records.length > 1;
  return blocks(
    table(
      [
        ...(several ? [{ title: 'Run' }] : []),
        { title: 'Device' },
        { title: 'Driver' },
        { title: 'Engine' },
        { title: 'Batch', align: 'right' },
        { title: 'Images', align: 'right' },
        { title: 'Seed', align: 'right' },
        { title: 'First epoch', align: 'right' },
        { title: 'Warm epochs (n)', align: 'right' },
        { title: 'Median', align: 'right' },
        { title: 'Quartiles' },
        { title: 'Min to max' },
      ],
      rows.map((row) => cells(row, several)),
    ),
    'Training time of an epoch without evaluation. The warm epochs are all but the first, which may still compile shaders or choose kernels; median and spread are theirs.',
  );
}

/** One sentence for every driver that imitated a GPU on the processor while a network was trained on it. */
export function imitatedGpus(records: readonly RunRecord[]): readonly string[] {
  const sentences = trainingsWithEngine(records)
    .filter(({ engine }) => engine.id === 'onnx-webgpu' && !engine.gpu)
    .map(
      ({ engine }) =>
        `**No GPU:** ${code(engine.id)} computed on ${escapeText(engine.device)}${engine.driver === undefined ? '' : ` (driver ${escapeText(engine.driver)})`}, a driver that imitates a GPU on the processor. Its times are no GPU epochs.`,
    );
  return [...new Set(sentences)];
}

function trainingsWithEngine(records: readonly RunRecord[]): readonly GpuTraining[] {
  return records.flatMap((record) =>
    record.cnn.flatMap((training) => {
      const found = record.engines.find(
        (entry): entry is AvailableEngine =>
          entry.state === 'available' && entry.engine.id === training.engine,
      );
      return found === undefined ? [] : [{ run: record.run.id, engine: found.engine, training }];
    }),
  );
}

function cells({ run, engine, training }: GpuTraining, several: boolean): string[] {
  const { id, library, version, device, driver } = engine;
  const [first, ...warm] = training.epochs.map(({ seconds }) => seconds);
  return [
    ...(several ? [code(run)] : []),
    escapeText(device),
    driver === undefined ? 'not known' : escapeText(driver),
    `${code(id)}, ${escapeText(`${library} ${version}`)}`,
    formatCount(training.batchSize),
    formatCount(training.trainCount),
    String(training.seed),
    first === undefined ? NOTHING : formatSeconds(first),
    String(warm.length),
    ...(warm.length === 0
      ? [NOTHING, NOTHING, NOTHING]
      : [
          formatSeconds(quantile(warm, 0.5)),
          formatRange(quantile(warm, 0.25), quantile(warm, 0.75)),
          formatRange(Math.min(...warm), Math.max(...warm)),
        ]),
  ];
}
