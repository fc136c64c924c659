/** Arguments of a command line, as they can be pasted into a shell. */

/** Quotes what a shell would split or expand. */
export function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
