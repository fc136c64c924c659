/** From the words of the command line to an exit code. Never ends the process itself, so tests can call it. */

import { parseCommandLine } from './command-line/options.ts';
import { MEASURED_PARTS, readSettings } from './command-line/settings.ts';
import { shellWord } from './command-line/shell.ts';
import { compareStored } from './parts/compare.ts';
import { describeEngines, enginesJson } from './parts/engines.ts';
import { reportAgain } from './parts/report.ts';
import { drawReadme } from './peers/readme.ts';
import { peersWord, readPeersSettings } from './peers/settings.ts';
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
 * @param argv the words after the program's name
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
  const { resume } = line.options;
  const measured = MEASURED_PARTS.find((name) => name === line.part);
  if (resume !== undefined && measured === undefined) {
    throw new UsageError('--resume goes on with a run: write pnpm bench --resume RUN.');
  }
  const { image, index } = line.options;
  if ((image !== undefined || index !== undefined) && line.part !== 'predict') {
    throw new UsageError(
      `--${image === undefined ? 'index' : 'image'} says what a model is to look at: write pnpm bench predict MODEL.`,
    );
  }
  if (line.part === 'peers') {
    const word = peersWord(line.words);
    const root = repositoryRoot();
    if (word === 'readme') {
      io.stdout.write(await drawReadme(root, services.files));
      return EXIT.done;
    }
    const { peersRun } = await import('./peers/run.ts');
    const settings = readPeersSettings(word, line.options);
    return peersRun({ settings, command: commandOf(argv), root }, io, services);
  }
  const earlier =
    resume === undefined ? null : await readEarlierRun(resume, line.part, line.options);
  const settings = readSettings(earlier?.options ?? line.options);
  switch (line.part) {
    case 'engines': {
      const engines = await services.listEngines({
        env: io.env,
        ...(settings.threads === null ? {} : { threads: settings.threads }),
      });
      io.stdout.write(
        settings.json ? enginesJson(machineInfo(engines), engines) : describeEngines(engines),
      );
      return EXIT.done;
    }
    case 'report':
      if (settings.json && line.words.length > 1) {
        throw new UsageError('--json prints one record: name one only.');
      }
      io.stdout.write(await reportAgain(line.words, settings, repositoryRoot(), services.files));
      return EXIT.done;
    case 'predict': {
      // Loaded at its turn, as the parts in services.ts.
      const { predict, readPredictSettings } = await import('./parts/predict.ts');
      const chosen = readPredictSettings(line.words, line.options, settings);
      io.stdout.write(await predict(chosen, io, services));
      return EXIT.done;
    }
    case 'compare':
      io.stdout.write(await compareStored(line.words));
      return EXIT.done;
    default: {
      const command = commandOf(argv);
      return measuredRun(
        { part: earlier?.part ?? line.part, settings, command, root: repositoryRoot(), earlier },
        io,
        services,
      );
    }
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
