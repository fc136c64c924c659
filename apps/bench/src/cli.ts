/** From the words of the command line to an exit code. Never ends the process itself, so tests can call it. */

import { EXIT, exitCodeOf, sentenceOf, UsageError } from './errors.ts';
import type { Io } from './io.ts';
import { machineInfo } from './machine.ts';
import { parseCommandLine } from './options.ts';
import { describeEngines, enginesJson } from './parts/engines.ts';
import { reportAgain } from './parts/report.ts';
import { repositoryRoot } from './repository.ts';
import { measuredRun } from './run.ts';
import { realServices, type Services } from './services.ts';
import { readSettings } from './settings.ts';

/**
 * @param argv the words after the program's name
 * @returns the exit code; every error has become one sentence on standard error
 */
export async function main(
  argv: readonly string[],
  io: Io,
  services: Services = realServices,
): Promise<number> {
  try {
    return await dispatch(argv, io, services);
  } catch (error) {
    io.stderr.write(`${sentenceOf(error)}\n`);
    if (io.env['FASHION_BENCH_DEBUG'] && error instanceof Error) {
      io.stderr.write(`${error.stack ?? ''}\n`);
    }
    return exitCodeOf(error);
  }
}

async function dispatch(argv: readonly string[], io: Io, services: Services): Promise<number> {
  const line = parseCommandLine(argv, (text) => {
    io.stdout.write(text);
  });
  if (line === null) return EXIT.done;
  const settings = readSettings(line.options);
  switch (line.part) {
    case 'engines': {
      const engines = await services.listEngines({
        env: io.env,
        ...(settings.threads === null ? {} : { threads: settings.threads }),
      });
      io.stdout.write(
        settings.json ? enginesJson(machineInfo(), engines) : describeEngines(engines),
      );
      return EXIT.done;
    }
    case 'report':
      if (settings.json && line.records.length > 1) {
        throw new UsageError('--json prints one record: name one only.');
      }
      io.stdout.write(await reportAgain(line.records, settings, repositoryRoot(), services.files));
      return EXIT.done;
    default: {
      const command = ['pnpm bench', ...argv.map(shellWord)].join(' ');
      return measuredRun(
        { part: line.part, settings, command, root: repositoryRoot() },
        io,
        services,
      );
    }
  }
}

/** Quotes what a shell would split or expand, so that the command in a record can be pasted. */
function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
