/** The program. The one place that reads the process' arguments, sets its exit code and ends it. */

// One after the other: with the few file handles that some systems leave, Node cannot even load two files at once.
const { EXIT, failure } = await import('./process/failure.ts');
const { processIo } = await import('./process/io.ts');

const io = processIo();

// What nobody waits for, such as a thread that the system does not give, ends in a sentence as well.
process.once('uncaughtException', (error) => {
  process.exit(failure(error, io));
});

const { checkLimits } = await import('./process/limits.ts');
checkLimits();
const { main } = await import('./cli.ts');
const code = await main(process.argv.slice(2), io);
const lost = await io.lostOutput();
if (lost !== null) io.stderr.write(`${lost}\n`);
process.exitCode = lost !== null && code === EXIT.done ? EXIT.failed : code;
