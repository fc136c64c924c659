/** The two ways in which asking for an engine fails. Both messages are one sentence for the user. */

import { ENGINE_IDS, type EngineId } from './types.ts';

/** The engine exists, but this machine or this version cannot run it. */
export class EngineUnavailableError extends Error {
  override readonly name = 'EngineUnavailableError';
  readonly code = 'engine-unavailable';
  readonly id: EngineId | 'auto';

  constructor(id: EngineId | 'auto', reason: string) {
    super(`Engine ${id} cannot be used: ${reason}`);
    this.id = id;
  }
}

/** No engine has this name. */
export class UnknownEngineError extends Error {
  override readonly name = 'UnknownEngineError';
  readonly code = 'unknown-engine';

  constructor(text: string) {
    super(`Unknown engine '${text}': choose auto, ${ENGINE_IDS.join(', ')}.`);
  }
}
