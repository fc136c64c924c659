/** The events of a training, with its checkpoints written to a folder on the way. */
import { setImmediate } from 'node:timers/promises';
import { isObject, mustBe } from '../checks.ts';
import { checkCheckpoint, checkConfiguration, checkKeepOptions } from './checks.ts';
import { CheckpointError } from '../errors.ts';
import type { EpochEvent, TrainingEvent } from '../loop/events.ts';
import { orderOfEpoch, type TrainingSnapshot } from '../loop/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import { checkSameConfiguration, type Configuration } from './configuration.ts';
import type { CheckpointFolder } from './folder.ts';
import { checkStreams, streamStates, type StreamKey } from './streams.ts';

export interface KeepOptions {
  readonly folder: CheckpointFolder;
  readonly configuration: Configuration;
  /** Processor, versions: kept for whoever goes on, compared by nobody here. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Streams of random numbers besides those of `fit`: an augmentation's, say. */
  readonly streams?: (snapshot: TrainingSnapshot) => readonly StreamKey[];
  /** The epochs before a resumption. */
  readonly history?: readonly EpochEvent[];
  readonly onSaved?: (path: string) => void;
  /** A checkpoint that could not be written. The training goes on; the last good one is untouched. */
  readonly onProblem?: (error: CheckpointError) => void;
}

/**
 * Writes the checkpoint of every `checkpoint` event while the training goes on, and hands all events through. Where
 * they come faster than the disk takes them, the newest one wins and those between are left out. Before the event `end`
 * is handed through, the last one is written.
 * @throws TrainingError for options that do not fit.
 */
export async function* keepCheckpoints(
  events: AsyncIterable<TrainingEvent>,
  options: KeepOptions,
): AsyncGenerator<TrainingEvent, void, undefined> {
  checkKeepOptions(options);
  const fits = isObject(events) && Symbol.asyncIterator in events;
  mustBe('The events', events, 'what fit or fitInWorker gives', fits);
  const history = [...(options.history ?? [])];
  const writer = new LatestWriter(options);
  try {
    for await (const event of events) {
      if (event.type === 'epoch') history.push(event);
      if (event.type === 'checkpoint') writer.offer(event.snapshot, [...history]);
      if (event.type === 'end') await writer.idle();
      // `fit` in this thread never lets the event loop turn by itself, and the disk would wait for its end.
      else if (writer.busy) await setImmediate();
      yield event;
    }
  } finally {
    await writer.idle();
  }
}

/**
 * What `fit` needs to go on from a checkpoint.
 * @throws TrainingError for what is no checkpoint; CheckpointError 'different' for another training, naming the differences; 'version' where the random numbers
 * are drawn differently today.
 */
export function resumable(checkpoint: Checkpoint, configuration: Configuration): TrainingSnapshot {
  checkCheckpoint(checkpoint);
  checkConfiguration(configuration);
  const { snapshot, streams, order } = checkpoint;
  checkSameConfiguration(checkpoint.configuration, configuration);
  checkStreams(streams, order, snapshot);
  return snapshot;
}

/** Writes one checkpoint at a time; of those that wait meanwhile only the newest is kept. */
class LatestWriter {
  readonly #options: KeepOptions;
  #waiting:
    { readonly snapshot: TrainingSnapshot; readonly history: readonly EpochEvent[] } | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: KeepOptions) {
    this.#options = options;
  }

  get busy(): boolean {
    return this.#writing !== undefined;
  }

  offer(snapshot: TrainingSnapshot, history: readonly EpochEvent[]): void {
    this.#waiting = { snapshot, history };
    this.#writing ??= this.#writeAll();
    // Thrown to whoever waits in `idle`; until then nobody may be listening.
    this.#writing.catch(() => undefined);
  }

  /** Resolves when nothing waits any more. @throws what is no matter of the disk. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    const { folder, onSaved, onProblem } = this.#options;
    while (this.#waiting) {
      const { snapshot, history } = this.#waiting;
      this.#waiting = undefined;
      try {
        const path = await folder.save(this.#checkpointOf(snapshot, history));
        onSaved?.(path);
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        onProblem?.(error);
      }
    }
    this.#writing = undefined;
  }

  #checkpointOf(snapshot: TrainingSnapshot, history: readonly EpochEvent[]): Checkpoint {
    const { configuration, environment = {}, streams } = this.#options;
    const { seed, trainCount } = configuration;
    const { epoch, step } = snapshot.position;
    return {
      ...{ snapshot, configuration, environment, history },
      streams: streamStates(seed, snapshot, streams?.(snapshot) ?? []),
      order: step === 0 ? null : orderOfEpoch(seed, epoch, trainCount),
    };
  }
}
