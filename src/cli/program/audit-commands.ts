import type { Command } from 'commander';
import type { HistoryFlags } from '../commands/history.ts';
import type { PassesFlags } from '../commands/passes.ts';
import type { StatusFlags } from '../commands/status.ts';
import type { InContext } from './state-commands.ts';

/** Commands that show what scimsync did and knows. They change nothing. */
export function addAuditCommands(program: Command, inContext: InContext): void {
  program
    .command('status')
    .description('Show for each target: last pass, counts, held and failed operations.')
    .option('--json', 'print JSON lines on standard output', false)
    .option('--exit-code', 'exit with 1 while something needs a person', false)
    .action((flags: StatusFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/status.ts')).statusCommand(context, flags))(command),
    );
  program
    .command('history')
    .description('Show the audit trail: operations with time, reason and the response of the target.')
    .option('--user <x>', 'user by key, name, e-mail address, DN or another value')
    .option('--group <x>', 'group by key, name, DN or another value')
    .option('--target <name>', 'show only this target')
    .option('--since <time>', 'start at this time: 2026-11-23 or 2026-11-23T08:00:00Z')
    .option('--json', 'print JSON lines on standard output', false)
    .action((flags: HistoryFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/history.ts')).historyCommand(context, flags))(command),
    );
  program
    .command('passes')
    .description('List the passes, with what they did at each target, and the approvals that they used.')
    .option('--since <time>', 'start at this time: 2026-11-23 or 2026-11-23T08:00:00Z')
    .option('--json', 'print JSON lines on standard output', false)
    .action((flags: PassesFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/passes.ts')).passesCommand(context, flags))(command),
    );
  program
    .command('explain')
    .description('Explain one user or group: source record, scope, mapping, snapshot, and what would be sent.')
    .argument('<x>', 'key, name, e-mail address, DN or another value of a user or group')
    .option('--target <name>', 'show only this target')
    .action((query: string, flags: { target?: string }, command: Command) =>
      inContext(async (context) =>
        (await import('../commands/explain.ts')).explainCommand(context, query, { target: flags.target }),
      )(command),
    );
}
