import { Option, type Command } from 'commander';
import type { AccessFlags } from '../commands/audit/access.ts';
import type { EvidenceFlags } from '../commands/audit/evidence.ts';
import type { HistoryFlags } from '../commands/audit/history.ts';
import type { PassesFlags } from '../commands/audit/passes.ts';
import type { StatusFlags } from '../commands/status.ts';
import type { TestFlags } from '../golden/test-command.ts';
import { configsOption } from './configs-option.ts';
import type { InContext } from './state-commands.ts';

const since = (): Option => new Option('--since <time>', 'start at this time: 2026-11-23 or 2026-11-23T08:00:00Z');
const until = (): Option => new Option('--until <time>', 'end at this time; a date is the whole day in UTC');
const json = (): Option => new Option('--json', 'print JSON lines on standard output').default(false);
const csv = (): Option =>
  new Option('--csv', 'print CSV on standard output, with a header; docs/audit.md explains the columns')
    .default(false)
    .conflicts('json');

/** Commands that show what scimsync did and knows. They change nothing. */
export function addAuditCommands(program: Command, inContext: InContext): void {
  program
    .command('status')
    .description('Show for each target: last pass, counts, held and failed operations.')
    .option('--json', 'print JSON lines on standard output', false)
    .option('--exit-code', 'exit with 1 while something needs a person', false)
    .addOption(configsOption())
    .action((flags: StatusFlags, command: Command) =>
      inContext(
        async (context) => (await import('../commands/status.ts')).statusCommand(context, flags),
        async (run) => (await import('../tenants/status-tenants.ts')).statusOfTenants(run, flags),
      )(command),
    );
  program
    .command('history')
    .description('Show the audit trail: operations in order of time, with reason and response.')
    .option('--user <x>', 'user by key, name, e-mail address, DN or another value')
    .option('--group <x>', 'group by key, name, DN or another value')
    .option('--verify', 'check the chain of hashes: exit code 1 if the journal was changed', false)
    .option('--target <name>', 'show only this target')
    .addOption(since())
    .addOption(until())
    .addOption(json())
    .addOption(csv())
    .action((flags: HistoryFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/audit/history.ts')).historyCommand(context, flags))(
        command,
      ),
    );
  program
    .command('passes')
    .description(
      'List the passes: who ran them, what they did at each target, who approved what and why; and other actions.',
    )
    .addOption(since())
    .addOption(until())
    .addOption(json())
    .addOption(csv())
    .action((flags: PassesFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/audit/passes.ts')).passesCommand(context, flags))(
        command,
      ),
    );
  program
    .command('evidence')
    .description(
      'Prove how a person lost access: what the source stated, what each application answered, how it was verified, ' +
        'and what is still open. Exit code 1 if something is open or was not shown.',
    )
    .requiredOption('--user <x>', 'user by key, name, e-mail address, DN or another value')
    .option('--target <name...>', 'only this target; repeatable', [])
    .addOption(
      new Option(
        '--html [file]',
        'write one page to print, without external resources; without a file: to standard output',
      ),
    )
    .addOption(json().conflicts('html'))
    .action((flags: EvidenceFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/audit/evidence.ts')).evidenceCommand(context, flags))(
        command,
      ),
    );
  program
    .command('access')
    .description('Show who has which accounts and memberships, as far as scimsync knows: now, or at a time.')
    .option('--user <x>', 'only this user')
    .option('--group <x>', 'only the members of this group')
    .option('--target <name...>', 'only this target; repeatable', [])
    .option('--at <time>', 'at this time: 2026-11-23T08:00:00Z, or the end of a day in UTC: 2026-11-23')
    .addOption(json())
    .addOption(csv())
    .action((flags: AccessFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/audit/access.ts')).accessCommand(context, flags))(
        command,
      ),
    );
  program
    .command('test')
    .description(
      'Test the configuration without network, secrets and state: compare what the targets should hold for the ' +
        'records of each case with what is written down beside it.',
    )
    .argument('[dir]', 'folder of the cases; by default "cases" beside the configuration')
    .option('--update', 'write down what the configuration makes of the cases now', false)
    .option('--json', 'print JSON lines on standard output', false)
    .action((folder: string | undefined, flags: TestFlags, command: Command) =>
      inContext(async (context) => (await import('../golden/test-command.ts')).testCommand(context, folder, flags))(
        command,
      ),
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
