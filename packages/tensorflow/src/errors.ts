/** What can go wrong between Node and TensorFlow. Every message is one sentence for the user. */

/**
 * `options`: they are not what the types promise; `missing`: there is no binding, or its library is gone; `load`: it does not load; `device`: it is not on the device
 * asked for, or runs with other settings already; `operation`: TensorFlow refused an operation; `build`: the binding
 * could not be built.
 */
export type TensorflowErrorReason =
  'options' | 'missing' | 'load' | 'device' | 'operation' | 'build';

export class TensorflowError extends Error {
  override readonly name = 'TensorflowError';
  readonly code = 'tensorflow';
  readonly reason: TensorflowErrorReason;

  constructor(reason: TensorflowErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The first line of what was thrown, without a final full stop, so that it fits inside a sentence. */
export function clause(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return (text.split('\n')[0] ?? '').trim().replace(/\.$/, '');
}
