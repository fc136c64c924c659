/** The command line as commander sees it: parts as subcommands, and the manual that --help prints. */

import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';

import { UsageError } from '../process/errors.ts';
import { VERSION } from '../process/version.ts';
import { DESCRIPTION, EXAMPLES } from './manual.ts';
import { GENERAL, longName, OPTION_NAMES, type OptionName, OPTIONS } from './options.ts';
import { type Part, PART_NAMES, partName, PARTS } from './parts.ts';
import type { RawOptions } from './settings.ts';

export interface CommandLine {
  readonly part: Part;
  /** What stands after the part: paths of `report` and `compare`, the model of `predict`. */
  readonly operands: readonly string[];
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
  const given = argv[0] === '--' ? argv.slice(1) : argv;
  if (given[0] === 'help') return parseCommandLine(['--help'], print);
  let line: CommandLine | null = null;
  const program = build(print, (part, operands) => {
    const options = optionsSchema.parse(program.opts());
    checkOperands(part, operands);
    checkOptions(part, options);
    line = { part, operands, options };
  });
  try {
    program.parse(given, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new UsageError(usageSentence(error.message));
  }
  return line;
}

/**
 * Every option is taken on both sides of the part, and checked against the part afterwards; --help behind a part lists the
 * part's own.
 * @param run is called with the part and what stands after it
 */
function build(
  print: (text: string) => void,
  run: (part: Part, operands: readonly string[]) => void,
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
  const { help, takes } = PARTS[part];
  const command = parent.command(name).description(help);
  command.usage(takes === undefined ? '[options]' : `[${takes}] [options]`);
  for (const option of OPTION_NAMES) {
    if (OPTIONS[option].parts.includes(part)) command.addOption(commanderOption(option));
  }
  return command;
}

function commanderOption(name: OptionName): Option {
  const { takes, repeated, heading, help } = OPTIONS[name];
  const flags = takes === undefined ? `--${longName(name)}` : `--${longName(name)} ${takes}`;
  const option = new Option(flags, help).helpGroup(heading);
  return repeated === true ? option.argParser(collected) : option;
}

/** Of an option that may be given several times, all values. */
function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** @throws UsageError for an option that the part does not have */
function checkOptions(part: Part, options: RawOptions): void {
  const foreign = OPTION_NAMES.find(
    (name) => options[name] !== undefined && !OPTIONS[name].parts.includes(part),
  );
  if (foreign === undefined) return;
  const { parts } = OPTIONS[foreign];
  // A run of all parts is named last: whoever names a part means that part.
  const owners = PART_NAMES.filter((name) => name !== 'all' && parts.includes(name));
  const all = parts.includes('all') ? [partName('all')] : [];
  throw new UsageError(
    `--${longName(foreign)} belongs to ${LIST.format([...owners, ...all])}, not to ${partName(part)}: leave it out.`,
  );
}

/** `a`, `a and b`, `a, b and c`. */
const LIST = new Intl.ListFormat('en-GB');

/** @throws UsageError for something after a part that takes nothing */
function checkOperands(part: Part, operands: readonly string[]): void {
  const [first] = operands;
  if (first === undefined || PARTS[part].takes !== undefined) return;
  if (part !== 'all') {
    throw new UsageError(`'${part}' takes no further words, but got '${operands.join(' ')}'.`);
  }
  const names = PART_NAMES.filter((name) => name !== 'all' && !name.includes(' '));
  throw new UsageError(`Unknown command '${first}': choose ${names.join(', ')}, or none.`);
}

/** Commander's message as one sentence: "error: unknown option '--x'\n(Did you mean --k?)". */
function usageSentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '; --help lists them all.'}`;
}
