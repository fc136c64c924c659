/** Places for arrays in one memory, one after the other. */

/** Cache lines, so that two workers never write to one. */
const ALIGNMENT = 64;

export class Arena {
  #top = ALIGNMENT;

  /** The address of the next so many bytes. */
  allocate(bytes: number): number {
    const at = this.#top;
    this.#top = Math.ceil((at + bytes) / ALIGNMENT) * ALIGNMENT;
    return at;
  }

  /** The size of a memory that holds all that was allocated. */
  get bytes(): number {
    return this.#top;
  }
}
