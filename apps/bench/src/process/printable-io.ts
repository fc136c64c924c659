/** The streams of the outside world, for texts that hold what others wrote. Apart from io.ts, which is loaded before all packages. */

import { printableLines } from '@fashion-bench/report';

import type { Io, TextSink } from './io.ts';

/**
 * The same streams for texts that hold what others wrote: nothing in them steers a terminal. Line ends stay, so a text from
 * outside that must stay on its line goes through `printable` where the line is made. JSON keeps its values.
 */
export function printableIo(io: Io): Io {
  const printing = (sink: TextSink): TextSink => ({
    write: (text) => {
      sink.write(printableLines(text));
    },
  });
  return { ...io, stdout: printing(io.stdout), stderr: printing(io.stderr) };
}
