/** What can go wrong in this package. */

/** A model that this package cannot train: an unknown layer, or an option of a layer that it does not know. */
export class UnsupportedModelError extends Error {
  override readonly name = 'UnsupportedModelError';
  readonly code = 'unsupported-model';
}

/** Options or data that do not fit: batch size, epochs, labels, shapes. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  readonly code = 'training';
}

export type CheckpointErrorCode =
  'damaged' | 'version' | 'different' | 'no-space' | 'permission' | 'vanished' | 'unusable';

/** A checkpoint that could not be written, read, or gone on from. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  readonly code: CheckpointErrorCode;

  constructor(code: CheckpointErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
