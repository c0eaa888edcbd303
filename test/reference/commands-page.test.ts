import { expect, test } from '@jest/globals';
import { Argument, Command, Option } from 'commander';
import { commandsPage } from '../../scripts/reference/commands-page.ts';

const program = new Command('tool').version('1.0.0');
program
  .command('plan')
  .description('Show what `sync` <would> do: in order. Changes nothing.')
  .addOption(new Option('--level <level>', 'how much').choices(['a', 'b']).default('a'))
  .addOption(new Option('--secret').hideHelp())
  .option('--json', 'print JSON lines', false)
  .option('--target <name...>', 'only this target', []);
program
  .command('target')
  .command('rename')
  .description('Rename a target.')
  .addArgument(new Argument('<old>', 'its name').choices(['x', 'y']))
  .argument('[new...]', 'the new one');

const page = commandsPage(program, { 0: 'done', 4: 'the command line is wrong' });

test('each command has a row with its first sentence, and a section', () => {
  expect(page).toContain('| [`plan`](#plan) | Show what `sync` \\<would\\> do: in order. |\n');
  expect(page).toContain('| [`target rename`](#target-rename) | Rename a target. |');
  expect(page).toContain(
    '## target rename\n\nRename a target.\n\n```text\nscimsync target rename <old> [new...]\n```\n',
  );
  expect(page).toContain('| `<old>` | its name (`x`, `y`) |\n| `[new...]` | the new one |');
});

test('options have their choices, and a default where a reader needs it', () => {
  expect(page).toContain(
    '| option | meaning | default |\n|---|---|---|\n| `--level <level>` | how much (`a`, `b`) | `"a"` |\n' +
      '| `--json` | print JSON lines |  |\n| `--target <name...>` | only this target |  |',
  );
  expect(page).not.toContain('--secret');
});

test('the exit codes are listed', () => {
  expect(page).toContain('| 0 | done |\n| 4 | the command line is wrong |');
});
