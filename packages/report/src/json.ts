/** JSON.parse for text from outside: an unknown value, and the caller's own error. */

/** Parses a text, or throws what `fail` makes of the parser's complaint. */
export function parseJson(text: string, fail: (detail: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fail(cause instanceof Error ? cause.message : String(cause), cause);
  }
}
