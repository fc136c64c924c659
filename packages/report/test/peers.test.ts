import { describe, expect, it } from 'vitest';
import {
  drawSpeedTable,
  formatPeers,
  lapSeconds,
  oursOf,
  parsePeers,
  type PeersRecord,
  PEERS_SCHEMA,
  type Race,
  ratioOf,
  renderPeers,
  renderPeersSummary,
} from '../src/index.ts';
import { fullRecord } from './fixture.ts';

/** Made-up figures of a race in three rounds. */
function contestant(
  id: string,
  name: string,
  epochs: readonly number[],
): Race['contestants'][number] {
  return {
    ...{ id, name, versions: { [id]: '1.2.3', node: '20' }, details: 'a_b *c*', threads: 2 },
    ...{ blas: id === 'torch' ? 'openblas 0.3 Zen' : null, agreement: null },
    laps: epochs.map((epoch) => ({ seconds: { epoch }, loss: 0.25, accuracy: 0.9 })),
    peakMemoryBytes: 2 ** 29,
  };
}

function race(changes: Partial<Race> = {}): Race {
  return {
    ...{ kind: 'cnn', name: 'batch 128', work: 'One epoch.', warmup: 'a step' },
    ...{ settings: { 'batch-size': 128 }, clocks: ['epoch'], ours: 'fashion-bench' },
    contestants: [
      contestant('fashion-bench', 'fashion-bench', [20, 22, 24]),
      contestant('keras', 'Keras', [25, 22, 26]),
    ],
    absent: [{ id: 'torch', name: 'PyTorch', reason: "No module named 'torch'" }],
    ...changes,
  };
}

function record(...races: Race[]): PeersRecord {
  const { run, machine, data } = fullRecord();
  return {
    schema: PEERS_SCHEMA,
    run: { ...run, id: 'race', expectations: [] },
    machine,
    data,
    races,
  };
}

describe('ratioOf', () => {
  it('divides medians, and gives the range of the rounds', () => {
    expect(ratioOf([20, 22, 24], [25, 22, 26])).toEqual({ ratio: 0.88, low: 0.8, high: 1 });
  });

  it('refuses different numbers of laps, and none', () => {
    expect(() => ratioOf([1], [1, 2])).toThrow('A ratio needs as many laps of each, not 1 and 2.');
    expect(() => ratioOf([], [])).toThrow(RangeError);
  });

  it('reads the laps of a clock and finds ours', () => {
    expect(lapSeconds(oursOf(race()), 'epoch')).toEqual([20, 22, 24]);
    expect(() => oursOf(race({ ours: 'nobody' }))).toThrow('The race has no contestant "nobody".');
  });
});

describe('the record of a race', () => {
  it('comes back from its text unchanged', () => {
    const text = formatPeers(record(race()));
    expect(parsePeers(text)).toEqual(record(race()));
    expect(formatPeers(parsePeers(text))).toBe(text);
  });

  it.each<[string, Race, string]>([
    [
      'nobody of ours',
      race({ ours: 'x' }),
      'races[0].ours: expected the id of one of the contestants',
    ],
    [
      'a clock without a time',
      race({ clocks: ['search'] }),
      'races[0].contestants: expected every lap to have a time for each clock',
    ],
    [
      'another number of laps',
      race({
        contestants: [contestant('fashion-bench', 'f', [1]), contestant('keras', 'k', [1, 2])],
      }),
      'races[0].contestants: expected as many laps of each',
    ],
  ])('%s is refused', (_, wrong, words) => {
    expect(() => parsePeers(record(wrong), 'r.json')).toThrow(
      `r.json is not a valid record: ${words}.`,
    );
  });

  it('another kind of record is refused by its name', () => {
    expect(() => parsePeers(fullRecord(), 'r.json')).toThrow(
      'r.json has the schema "fashion-bench/record@1", but this version of fashion-bench reads "fashion-bench/peers@1"',
    );
  });
});

describe('rendering', () => {
  it('is the stored Markdown', async () => {
    await expect(renderPeers(record(race()))).toMatchFileSnapshot('./fixtures/peers.report.md');
  });

  it('the summary names every ratio and whoever was absent', () => {
    expect(renderPeersSummary(record(race())).split('\n')).toEqual([
      'CNN, batch 128 (n = 3 rounds)',
      '  epoch: fashion-bench 1.2.3 22.0 s',
      '  epoch: Keras 1.2.3 25.0 s, ratio 0.88 (0.80 to 1.00)',
      "  PyTorch did not take part: No module named 'torch'",
    ]);
  });
});

describe('the speed table', () => {
  const place =
    'Before.\n\n<!-- speed table: begin (drawn by `pnpm bench peers readme`) -->\n\nold\n\n<!-- speed table: end -->\n\nAfter.\n';
  const recorded = [{ record: record(race()), url: 'results/report.md' }];

  it('replaces what stands between the markers, and nothing else; twice is the same', () => {
    const drawn = drawSpeedTable(place, recorded);
    expect(drawn).toMatch(/^Before\.\n\n<!-- /u);
    expect(drawn).toMatch(/ -->\n\nAfter\.\n$/u);
    expect(drawn).toContain('22.0 s | Keras 1.2.3 |   25.0 s | **0.88** (0.80 to 1.00) |      3 |');
    expect(drawn).toContain('[Record](results/report.md)');
    expect(drawn).not.toContain('old');
    expect(drawSpeedTable(drawn, recorded)).toBe(drawn);
  });

  it('says so when no race is recorded', () => {
    expect(drawSpeedTable(place, [])).toContain('No race is recorded yet');
  });

  it('refuses a text without the place', () => {
    expect(() => drawSpeedTable('nothing', recorded)).toThrow(
      'The text has no place for the speed table',
    );
  });
});
