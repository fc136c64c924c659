/** The program. The one place that reads the process' arguments and sets its exit code. */

import { main } from './cli.ts';
import { processIo } from './io.ts';

// A reader that has had enough (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await main(process.argv.slice(2), processIo());
