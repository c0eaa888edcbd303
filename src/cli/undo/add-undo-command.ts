import type { Command } from 'commander';
import { parseReason, parseWholeNumber, type InContext } from '../program/state-commands.ts';
import type { UndoFlags } from './undo-command.ts';

/** Adds `undo`: only with --execute or --plan it sends changes to a target. */
export function addUndoCommand(program: Command, inContext: InContext): void {
  program
    .command('undo')
    .description(
      'Show how a pass can be taken back, from the values before it in the journal, and what stays. Reads the ' +
        'accounts concerned (GET only). With --execute or --plan: take it back, and pause its targets.',
    )
    .argument('<pass>', 'number of the pass, as "scimsync passes" lists it', parseWholeNumber)
    .option('--target <name...>', 'only at this target; repeatable', [])
    .option('--user <x>', 'only what the pass did with this user')
    .option('--execute', 'take the pass back, except what the guard holds', false)
    .option(
      '--plan <id>',
      'carry out exactly the plan with this id, including what the guard holds; fail if the plan is out of date',
    )
    .option('--reason <text>', 'why the pass is taken back, for the journal', parseReason)
    .option('--json', 'print JSON lines on standard output', false)
    .action((pass: number, flags: UndoFlags, command: Command) =>
      inContext(async (context) => (await import('./undo-command.ts')).undoCommand(context, pass, flags))(command),
    );
}
