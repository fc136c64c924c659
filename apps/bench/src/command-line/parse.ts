/** The command line as commander sees it: parts as subcommands, and the manual that --help prints. */

import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';

import { UsageError } from '../process/errors.ts';
import { VERSION } from '../process/version.ts';
import { DESCRIPTION, EXAMPLES } from './manual.ts';
import { GENERAL, longName, OPTION_NAMES, type OptionName, OPTIONS } from './options.ts';
import { type Part, PART_NAMES, partName, partRow } from './parts.ts';
import type { RawOptions } from './settings.ts';

export interface CommandLine {
  readonly part: Part;
  /** The words after the part: paths of `report` and `compare`, the model of `predict`. */
  readonly words: readonly string[];
  readonly options: RawOptions;
}

const optionsSchema = z.partialRecord(
  z.enum(OPTION_NAMES),
  z.union([z.string(), z.literal(true), z.array(z.string())]),
);

/**
 * @param argv the arguments after the program's name; a leading `--`, which package managers put there, is dropped
 * @returns null when only the manual or the version was asked for; it has been handed to `print`
 * @throws UsageError in one sentence
 */
export function parseCommandLine(
  argv: readonly string[],
  print: (text: string) => void,
): CommandLine | null {
  const words = argv[0] === '--' ? argv.slice(1) : argv;
  if (words[0] === 'help') return parseCommandLine(['--help'], print);
  let line: CommandLine | null = null;
  const program = build(print, (part, more) => {
    const options = optionsSchema.parse(program.opts());
    checkWords(part, more);
    checkBelonging(part, options);
    line = { part, words: more, options };
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(usageSentence(error.message));
  }
  return line;
}

/**
 * Every option is taken on both sides of the part, and checked against the part afterwards; --help behind a part lists the
 * part's own.
 * @param run is called with the part and the words behind it
 */
function build(
  print: (text: string) => void,
  run: (part: Part, words: readonly string[]) => void,
): Command {
  const program = new Command('pnpm bench')
    .usage('[part] [options]')
    .description(DESCRIPTION)
    .exitOverride()
    .configureOutput({ writeOut: print, outputError: () => undefined })
    .configureHelp({ helpWidth: 100, subcommandTerm: (command) => command.name() })
    .allowExcessArguments()
    .helpCommand(false)
    .commandsGroup('Parts (everything when left out):')
    .addHelpOption(new Option('-h, --help', 'print this manual').helpGroup(GENERAL))
    .addHelpText('after', EXAMPLES);
  for (const name of OPTION_NAMES) program.addOption(commanderOption(name));
  program.optionsGroup(GENERAL).version(VERSION, '--version', 'print the version');
  for (const part of PART_NAMES) {
    const command = part === 'all' ? program : subcommand(program, part);
    command.action(() => {
      run(part, command.args);
    });
  }
  return program;
}

/** `peers cnn` is a command of `peers`, which stands before it in the table. */
function subcommand(program: Command, part: Part): Command {
  const path = part.split(' ');
  const name = path.pop() ?? '';
  const parent = path.reduce(
    (above, word) => above.commands.find((command) => command.name() === word) ?? above,
    program,
  );
  const { words, takes } = partRow(part);
  const command = parent.command(name).description(words);
  command.usage(takes === undefined ? '[options]' : `[${takes}] [options]`);
  for (const option of OPTION_NAMES) {
    if (OPTIONS[option].parts.includes(part)) command.addOption(commanderOption(option));
  }
  return command;
}

function commanderOption(name: OptionName): Option {
  const { takes, repeated, heading, words } = OPTIONS[name];
  const flags = takes === undefined ? `--${longName(name)}` : `--${longName(name)} ${takes}`;
  const option = new Option(flags, words).helpGroup(heading);
  return repeated === true ? option.argParser(collected) : option;
}

/** Of an option that may be given several times, all values. */
function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** @throws UsageError for an option that the part does not have */
function checkBelonging(part: Part, options: RawOptions): void {
  const stranger = OPTION_NAMES.find(
    (name) => options[name] !== undefined && !OPTIONS[name].parts.includes(part),
  );
  if (stranger === undefined) return;
  // A run of all parts is named last: whoever names a part means that part.
  const owners = [...OPTIONS[stranger].parts]
    .sort((one, other) => Number(one === 'all') - Number(other === 'all'))
    .map(partName);
  throw new UsageError(
    `--${longName(stranger)} belongs to ${listed(owners)}, not to ${partName(part)}: leave it out.`,
  );
}

/** @throws UsageError for words behind a part that takes none */
function checkWords(part: Part, words: readonly string[]): void {
  const [first] = words;
  if (first === undefined || partRow(part).takes !== undefined) return;
  if (part !== 'all') {
    throw new UsageError(`'${part}' takes no further words, but got '${words.join(' ')}'.`);
  }
  const names = PART_NAMES.filter((name) => name !== 'all' && !name.includes(' '));
  throw new UsageError(`Unknown command '${first}': choose ${names.join(', ')}, or none.`);
}

/** `a`, `a and b`, `a, b and c`. */
function listed(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** Commander's message as one sentence: "error: unknown option '--x'\n(Did you mean --k?)". */
function usageSentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '; --help lists them all.'}`;
}
