import { Option, type Command } from 'commander';
import type { LogLevel } from '../program/log-levels.ts';
import type { RunWithoutConfig } from '../program/run-without-config.ts';
import { answerOptions, answersOf } from './init-options.ts';

interface ParsedFlags extends Readonly<Record<string, unknown>> {
  readonly yes: boolean;
  readonly force: boolean;
  readonly map: readonly string[];
  readonly config: readonly [string, ...string[]];
  readonly logLevel: LogLevel;
}

/** Adds `init`, which has no configuration yet. */
export function addInitCommand(program: Command, run: RunWithoutConfig): void {
  const command = program
    .command('init')
    .description(
      'Write a first configuration: ask for the source and the application, test both, propose key, dates, groups ' +
        'and mapping, and show the first plan. Each question has an option, so it also works without a terminal.',
    )
    .argument('[file]', 'the configuration to write; by default that of --config')
    .option('--yes', 'take all proposals without a question', false)
    .option('--force', 'overwrite an existing configuration', false);
  for (const option of answerOptions()) command.addOption(option);
  command
    .addOption(
      new Option('--map <path=column>', 'CSV: a SCIM path and its column, such as title=position; repeatable')
        .argParser((text, earlier: readonly string[]) => [...earlier, text])
        .default([]),
    )
    .action(async (file: string | undefined, _flags: unknown, self: Command) => {
      const parsed = self.optsWithGlobals<ParsedFlags>();
      const { yes, force, map, config, logLevel } = parsed;
      const { initCommand } = await import('./init-command.ts');
      run.setExitCode(
        await initCommand(file ?? config[0], { yes, force, map, answers: answersOf(parsed) }, { ...run, logLevel }),
      );
    });
}
