// One thread for libhdf5 that reads many files, and is started anew when it dies, hangs, or has read many.
import { fileIn, Hdf5Thread, type Hdf5Reader } from '../../src/keras/hdf5-thread.ts';

/** A refused file may leave something open in libhdf5. */
const FILES_A_THREAD = 250;
/** Instead of half a minute: where libhdf5 loops, it does so for ever, and a fuzz meets that often. */
const PATIENCE_MILLISECONDS = 3000;

export class ReusedThread {
  #thread = new Hdf5Thread();
  #files = 0;
  /** Threads that died or did not answer in time. Each was one file's, which was refused. */
  lost = 0;

  readonly read: Hdf5Reader = async (bytes, limits, path) => {
    if (this.#files++ % FILES_A_THREAD === FILES_A_THREAD - 1) await this.#restart();
    const patience = Math.min(limits.milliseconds, PATIENCE_MILLISECONDS);
    const answer = await this.#thread.ask({ kind: 'read', bytes, limits }, patience);
    if (answer === undefined) {
      this.lost++;
      await this.#restart();
    }
    return fileIn(answer, path);
  };

  async end(): Promise<void> {
    await this.#thread.end();
  }

  async #restart(): Promise<void> {
    await this.#thread.end();
    this.#thread = new Hdf5Thread();
  }
}
