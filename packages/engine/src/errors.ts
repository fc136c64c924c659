/** The ways in which asking for an engine fails. Every message is one sentence for the user. */

import { shown } from '@fashion-bench/onnx';
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

  constructor(name: unknown) {
    super(`Unknown engine ${shown(name)}: choose auto, ${ENGINE_IDS.join(', ')}.`);
  }
}

/** The options are not what the types promise. */
export class EngineOptionsError extends Error {
  override readonly name = 'EngineOptionsError';
  readonly code = 'engine-options';
}
