/** The command line as commander sees it: names, groups, and the manual that --help prints. */

import { Command, CommanderError, Option } from '@commander-js/extra-typings';

import { UsageError } from '../process/errors.ts';
import { VERSION } from '../process/version.ts';
import { EXAMPLES, MANUAL } from './manual.ts';
import { type Part, PARTS, type RawOptions } from './settings.ts';

export interface CommandLine {
  readonly part: Part;
  /** The words after the part: paths of `report` and `compare`, the race of `peers`, the model of `predict`. */
  readonly words: readonly string[];
  readonly options: RawOptions;
}

const GENERAL = 'General options:';
const DATA = 'Data:';
const KNN = 'k nearest neighbours:';
const CNN = 'Convolutional network:';
const PEERS = 'Other libraries:';
const PREDICT = 'Single images:';
const OUTPUT = 'Output:';

// The return type is commander's inference over all options; isolatedDeclarations wants it unexported.
function build() {
  const option = <const Flags extends string>(
    group: string,
    flags: Flags,
    text: string,
  ): Option<Flags> => new Option(flags, text).helpGroup(group);

  return new Command('pnpm bench')
    .usage('[part] [options]')
    .description(MANUAL.description)
    .argument('[part]', MANUAL.part)
    .argument('[word...]', MANUAL.words)
    .addOption(option(GENERAL, '--engine <id>', MANUAL.engine))
    .addOption(option(GENERAL, '--threads <n>', 'threads of the engine (default: all cores)'))
    .addOption(option(GENERAL, '--seed <n>', 'seed of everything random (default: 42)'))
    .addOption(option(GENERAL, '--quick', MANUAL.quick))
    .addOption(option(GENERAL, '--resume <run>', MANUAL.resume))
    .addOption(option(DATA, '--data-dir <folder>', 'folder with the four Fashion-MNIST files'))
    .addOption(option(DATA, '--synthetic', 'drawn images instead of Fashion-MNIST, for tests'))
    .addOption(option(DATA, '--train-limit <n>', 'use only n training images, stratified'))
    .addOption(option(DATA, '--test-limit <n>', 'use only n test images, stratified'))
    .addOption(option(KNN, '--k <n>', 'number of neighbours (default: 5)'))
    .addOption(option(KNN, '--weights <rule>', 'uniform or distance (default: both)'))
    .addOption(option(KNN, '--protocol <which>', MANUAL.protocol))
    .addOption(option(CNN, '--network <which>', MANUAL.network))
    .addOption(option(CNN, '--optimizer <name>', MANUAL.optimizer))
    .addOption(option(CNN, '--learning-rate <x>', MANUAL.learningRate))
    .addOption(option(CNN, '--epochs <n>', 'passes over the training set (default: 50)'))
    .addOption(option(CNN, '--batch-size <n>', MANUAL.batchSize))
    .addOption(option(CNN, '--augment <when>', MANUAL.augment))
    .addOption(option(CNN, '--repeats <n>', MANUAL.repeats))
    .addOption(option(CNN, '--repeat-batch-size <n>', MANUAL.repeatBatchSize))
    .addOption(option(CNN, '--checkpoint-every <n>', MANUAL.checkpointEvery))
    .addOption(option(CNN, '--checkpoint-steps <n>', MANUAL.checkpointSteps))
    .addOption(option(PEERS, '--pairs <n>', 'rounds of a race, one lap of each (default: 5)'))
    .addOption(option(PEERS, '--peers <ids>', MANUAL.peers))
    .addOption(option(PEERS, '--python <path>', MANUAL.python))
    .addOption(option(PREDICT, '--image <file>', MANUAL.image).argParser(collected))
    .addOption(option(PREDICT, '--index <n>', MANUAL.index))
    .addOption(option(OUTPUT, '--out <folder>', "the run's own folder (default: see Files)"))
    .addOption(option(OUTPUT, '--json', 'print the record to standard output, nothing else there'))
    .addOption(option(OUTPUT, '--quiet', 'no progress and no notes'))
    .addHelpOption(option(GENERAL, '-h, --help', 'print this manual'))
    .addOption(option(GENERAL, '--version', 'print the version'))
    .configureHelp({ helpWidth: 100 })
    .addHelpText('after', EXAMPLES);
}

/** Of an option that may be given several times, all values. */
function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

const WITH_WORDS: ReadonlySet<Part> = new Set(['report', 'compare', 'peers', 'predict']);

function partOf(word: string | undefined): Part {
  if (word === undefined) return 'all';
  const part = PARTS.find((name) => name === word);
  if (part !== undefined) return part;
  throw new UsageError(`Unknown command '${word}': choose ${PARTS.slice(1).join(', ')}, or none.`);
}

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
  const command = build()
    .exitOverride()
    .configureOutput({ writeOut: print, outputError: () => undefined });
  try {
    command.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return null;
    throw new UsageError(usageSentence(error.message));
  }
  const { version, ...options } = command.opts();
  if (version) {
    print(`${VERSION}\n`);
    return null;
  }
  const [word, more] = command.processedArgs;
  const part = partOf(word);
  if (!WITH_WORDS.has(part) && more.length > 0) {
    throw new UsageError(`'${part}' takes no further words, but got '${more.join(' ')}'.`);
  }
  return { part, words: more, options };
}

/** Commander's message as one sentence: "error: unknown option '--x'\n(Did you mean --k?)". */
function usageSentence(message: string): string {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?)]$/.test(text) ? '' : '; --help lists them all.'}`;
}
