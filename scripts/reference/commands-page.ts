import type { Argument, Command, Option } from 'commander';
import { code, proseWithCode, table } from '../profiles/markdown.ts';

/** The text of docs/reference/commands.md, from the commands of the program and the meanings of the exit codes. */
export function commandsPage(program: Command, exitCodes: Readonly<Record<string, string>>): string {
  const commands = visibleCommands(program);
  return `${[
    introduction,
    table(
      ['command', 'what it does'],
      commands.map((command) => [
        `[\`${nameOf(command)}\`](#${nameOf(command).replaceAll(' ', '-')})`,
        summaryOf(command),
      ]),
    ),
    '## Options of every command',
    optionsTable(program),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.entries(exitCodes).map(([exit, meaning]) => [exit, proseWithCode(meaning)]),
    ),
    ...commands.flatMap(commandSection),
  ].join('\n\n')}\n`;
}

const introduction = `# Commands

All commands with their options, generated from the program. What to do with them: [operating](../operating.md).
\`scimsync help COMMAND\` shows the same.`;

function commandSection(command: Command): readonly string[] {
  const used = command.registeredArguments;
  return [
    `## ${nameOf(command)}`,
    proseWithCode(command.description()),
    `\`\`\`text\nscimsync ${[nameOf(command), ...used.map(argumentText), ...optionsHint(command)].join(' ')}\n\`\`\``,
    ...(used.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            used.map((argument) => [`\`${argumentText(argument)}\``, argumentMeaning(argument)]),
          ),
        ]),
    ...(visibleOptions(command).length === 0 ? [] : [optionsTable(command)]),
  ];
}

/** The commands that do something: those that only contain others are left out. */
function visibleCommands(parent: Command): readonly Command[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => (command.commands.length > 0 ? visibleCommands(command) : [command]));
}

/** `target moved`: without the name of the program. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

/** The first sentence. */
const summaryOf = (command: Command): string =>
  proseWithCode(/^.*?\.(?= |$)|^.*$/.exec(command.description())?.[0] ?? '');

const visibleOptions = (command: Command): readonly Option[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help');

const optionsHint = (command: Command): readonly string[] =>
  visibleOptions(command).length === 0 ? [] : ['[options]'];

const optionsTable = (command: Command): string =>
  table(
    ['option', 'meaning', 'default'],
    visibleOptions(command).map((option) => [
      `\`${option.flags}\``,
      proseWithCode(option.description) + choicesText(option.argChoices),
      defaultText(option),
    ]),
  );

/** A flag that is absent, and a list without elements, are no defaults that a reader needs. */
function defaultText({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return `\`${defaultValueDescription}\``;
  const isPlain = defaultValue === undefined || defaultValue === false;
  return isPlain || (Array.isArray(defaultValue) && defaultValue.length === 0) ? '' : code(defaultValue);
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const argumentMeaning = (argument: Argument): string =>
  proseWithCode(argument.description) + choicesText(argument.argChoices);

const choicesText = (choices: readonly string[] | undefined): string =>
  choices === undefined ? '' : ` (${choices.map((choice) => `\`${choice}\``).join(', ')})`;
