/** The sessions of a trainer: one for each graph, compiled when it is first asked for. */
export class Sessions<S extends { dispose(): Promise<void> }> {
  readonly #created = new Map<string, Promise<S>>();

  get(key: string, create: () => Promise<S>): Promise<S> {
    const session = this.#created.get(key) ?? create();
    this.#created.set(key, session);
    return session;
  }

  async dispose(): Promise<void> {
    const sessions = await Promise.all(this.#created.values());
    this.#created.clear();
    for (const session of sessions) await session.dispose();
  }
}
