/** What can go wrong here: a graph that is not one, or a session that cannot be made or run. */

/** A graph was built wrongly: unknown operator, wrong arity, attribute, dtype or shape. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly code = 'graph';
}

/** onnxruntime refused a model, a feed or a run. `cause` holds its own error. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
  readonly code = 'session';
}
