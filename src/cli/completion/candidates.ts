import type { Command, Option } from 'commander';

/** Options whose value is the name of a target. */
const targetOptions: ReadonlySet<string> = new Set(['--target', '--from']);

/** Arguments of commands that are the name of a target. */
const targetArguments: ReadonlySet<string> = new Set(['name', 'target', 'old']);

/**
 * What can stand where the cursor is.
 *
 * @param words the words after "scimsync" up to the cursor; the last one is the beginning of the wanted word
 * @param targets names of the configured targets
 * @returns words that begin like the last one; none where a file or a text is wanted
 */
export function candidates(program: Command, words: readonly string[], targets: readonly string[]): readonly string[] {
  const { command, awaited } = positionOf(program, words.slice(0, -1));
  const beginning = words.at(-1) ?? '';
  return wordsAt(command, awaited, beginning, targets).filter((word) => word.startsWith(beginning));
}

interface Position {
  readonly command: Command;
  /** The option whose value is next. */
  readonly awaited: Option | undefined;
}

function positionOf(program: Command, words: readonly string[]): Position {
  return words.reduce<Position>(
    ({ command, awaited }, word) => {
      if (word.startsWith('-')) return { command, awaited: withValue(optionOf(command, word)) };
      if (awaited !== undefined) return { command, awaited: awaited.variadic ? awaited : undefined };
      return { command: command.commands.find((one) => one.name() === word) ?? command, awaited };
    },
    { command: program, awaited: undefined },
  );
}

const withValue = (option: Option | undefined): Option | undefined =>
  option?.required === true || option?.optional === true ? option : undefined;

/** Options of a command and of those above it, which are valid after it, too. */
const optionsOf = (command: Command): readonly Option[] => [
  ...command.options,
  ...(command.parent === null ? [] : optionsOf(command.parent)),
];

const optionOf = (command: Command, word: string): Option | undefined =>
  optionsOf(command).find(({ long, short }) => long === word || short === word);

function wordsAt(
  command: Command,
  awaited: Option | undefined,
  beginning: string,
  targets: readonly string[],
): readonly string[] {
  if (beginning.startsWith('-'))
    return [...optionsOf(command).flatMap(({ long, hidden }) => (hidden ? [] : (long ?? []))), '--help'];
  if (awaited !== undefined) return targetOptions.has(awaited.long ?? '') ? targets : (awaited.argChoices ?? []);
  if (command.commands.length > 0)
    return command
      .createHelp()
      .visibleCommands(command)
      .map((one) => one.name());
  const [argument] = command.registeredArguments;
  if (argument === undefined) return [];
  return targetArguments.has(argument.name()) ? targets : (argument.argChoices ?? []);
}
