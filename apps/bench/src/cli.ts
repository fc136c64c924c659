/** From the arguments of the command line to an exit code. Never ends the process itself, so tests can call it. */

import { parseCommandLine } from './command-line/parse.ts';
import { readSettings, type Settings } from './command-line/settings.ts';
import { shellWord } from './command-line/shell.ts';
import { compareStored } from './parts/compare.ts';
import { describeEngines, enginesJson } from './parts/engines.ts';
import { reportAgain } from './parts/report.ts';
import { drawReadme } from './peers/readme.ts';
import { readPeersSettings } from './peers/settings.ts';
import { UsageError } from './process/errors.ts';
import { EXIT, failure } from './process/failure.ts';
import type { Io } from './process/io.ts';
import { machineInfo } from './process/machine.ts';
import { printableIo } from './process/printable-io.ts';
import { repositoryRoot } from './process/repository.ts';
import { readEarlierRun } from './run/resume.ts';
import { measuredRun } from './run/run.ts';
import type { Services } from './run/services.ts';
import { realServices } from './services.ts';

/**
 * @param argv the arguments after the program's name
 * @returns the exit code; every error has become one sentence on standard error
 */
export async function main(
  argv: readonly string[],
  io: Io,
  services: Services = realServices,
): Promise<number> {
  const shown = printableIo(io);
  try {
    return await dispatch(argv, shown, services);
  } catch (error) {
    return failure(error, shown);
  }
}

async function dispatch(argv: readonly string[], io: Io, services: Services): Promise<number> {
  const line = parseCommandLine(argv, (text) => {
    io.stdout.write(text);
  });
  if (line === null) return EXIT.done;
  const { part, operands, options } = line;
  switch (part) {
    case 'peers':
      throw new UsageError(
        `'peers' takes one of the words cnn, knn or readme${operands.length === 0 ? '' : `, not '${operands.join(' ')}'`}.`,
      );
    case 'peers cnn':
    case 'peers knn': {
      // Loaded at its turn, as the parts in services.ts.
      const { peersRun } = await import('./peers/run.ts');
      const settings = readPeersSettings(part === 'peers cnn' ? 'cnn' : 'knn', options);
      return peersRun({ settings, command: commandOf(argv), root: repositoryRoot() }, io, services);
    }
    case 'all':
    case 'knn':
    case 'cnn':
    case 'kernels': {
      const { resume } = options;
      const earlier =
        typeof resume === 'string' ? await readEarlierRun(resume, part, options) : null;
      const settings = readSettings(earlier?.options ?? options);
      const own = { part: earlier?.part ?? part, settings, earlier };
      const request = { ...own, command: commandOf(argv), root: repositoryRoot() };
      return measuredRun(request, io, services);
    }
    case 'compare': {
      const { text, failures } = await compareStored(operands, readSettings(options));
      io.stdout.write(text);
      for (const failure of failures) io.stderr.write(`${failure}.\n`);
      return failures.length === 0 ? EXIT.done : EXIT.missedBand;
    }
    default:
      io.stdout.write(await answer(part, operands, readSettings(options), io, services));
      return EXIT.done;
  }
}

/** What a part prints that measures nothing. */
async function answer(
  part: 'peers readme' | 'engines' | 'predict' | 'report',
  operands: readonly string[],
  settings: Settings,
  io: Io,
  services: Services,
): Promise<string> {
  switch (part) {
    case 'peers readme':
      return drawReadme(repositoryRoot(), services.files);
    case 'engines': {
      const { threads, json } = settings;
      const engines = await services.listEngines({
        env: io.env,
        ...(threads === null ? {} : { threads }),
      });
      return json ? enginesJson(machineInfo(engines), engines) : describeEngines(engines);
    }
    case 'predict': {
      const { predict } = await import('./parts/predict.ts');
      return predict(operands, settings, io, services);
    }
    case 'report':
      return reportAgain(operands, settings, repositoryRoot(), services.files);
  }
}

/** For the record, and such that it can be pasted. Where someone keeps their Python is nobody else's business, and no help in repeating the run. */
export function commandOf(argv: readonly string[]): string {
  const words = argv.map((word, i) => {
    const [, flag, path = word] = /^(--python=)(.*)$/su.exec(word) ?? [];
    const isPython = flag !== undefined || argv[i - 1] === '--python';
    return isPython && /[\\/]/.test(path) ? `${flag ?? ''}<python>` : shellWord(word);
  });
  return ['pnpm bench', ...words].join(' ');
}
