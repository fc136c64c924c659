import { expect, it } from 'vitest';
import { drawFigures, PEERS_SCHEMA, type PeersRecord } from '../src/index.ts';
import { fullRecord, withRun } from './fixture.ts';

/** Made up: five laps of our own on an engine, on the machine of the full record unless said otherwise. */
function race(engine: string, cpuModel = fullRecord().machine.cpuModel): PeersRecord {
  const { run, machine, data } = fullRecord();
  return {
    schema: PEERS_SCHEMA,
    run: { ...run, id: `race-${engine}`, seed: 7 },
    machine: { ...machine, cpuModel },
    data,
    races: [
      {
        ...{ kind: 'cnn', name: 'batch 128', work: 'an epoch', warmup: 'none', settings: {} },
        ...{ clocks: ['epoch'], ours: 'fashion-bench', absent: [] },
        contestants: [
          {
            ...{ id: 'fashion-bench', name: 'fashion-bench', versions: {}, blas: null },
            ...{ details: `engine ${engine} on a processor, float32`, threads: 2 },
            laps: [21, 20, 22, 20, 21].map((epoch) => ({
              ...{ seconds: { epoch }, loss: null, accuracy: null },
            })),
            ...{ peakMemoryBytes: null, agreement: null },
          },
        ],
      },
    ],
  };
}

const captionWith = async (races: readonly PeersRecord[], record = fullRecord()) => {
  const figures = await drawFigures([{ record, predictions: null }], { races });
  const found = figures.find(({ id }) => id === 'epoch-times');
  return `${found?.alt ?? ''} ${found?.caption ?? ''}`;
};

it('epochs of a race on another engine stand below those of the run, named and counted', async () => {
  const words = await captionWith([race('tensorflow')]);
  expect(words).toContain('tensorflow, batch 128, seed 7, race, median 21.0 s');
  expect(words).toContain('a tick for each epoch (n = 50, 5)');
  expect(words).toContain('our laps in the race `race-tensorflow`');
});

it('neither the same engine, another processor, another number of images, nor several runs', async () => {
  const record = fullRecord();
  const small = { ...record, cnn: record.cnn.map((run) => ({ ...run, trainCount: 6000 })) };
  expect(await captionWith([race('onnx-cpu'), race('tensorflow', 'Another')])).not.toContain(
    'race',
  );
  expect(await captionWith([race('tensorflow')], small)).not.toContain('race');
  const two = [record, withRun({ id: 'second' })].map((one) => ({
    record: one,
    predictions: null,
  }));
  const [times] = await drawFigures(two, { races: [race('tensorflow')] });
  expect(times?.caption).not.toContain('race');
});
