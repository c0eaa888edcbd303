import { InvalidArgumentError, type Command } from 'commander';
import type { FreezeFlags } from '../commands/freeze.ts';
import type { OrphansFlags } from '../commands/orphans.ts';
import type { DriftFlags } from '../drift/drift-command.ts';
import type { Context, ExitCode } from '../context.ts';
import type { TenantsRun } from '../tenants/open-tenant.ts';

/**
 * Runs a command with the loaded configuration, as the action of commander.
 *
 * @param overTenants runs it with the configurations of a folder instead, where `--configs` names one
 */
export type InContext = (
  work: (context: Context) => Promise<ExitCode>,
  overTenants?: (run: TenantsRun) => Promise<ExitCode>,
) => (...parameters: readonly unknown[]) => Promise<void>;

/**
 * Adds the commands by which an operator changes the state. Only `orphans --remove` and `drift --repair` send changes
 * to a target.
 */
export function addStateCommands(program: Command, inContext: InContext): void {
  addTargetCommands(program, inContext);
  addBackupCommands(program, inContext);
  addStateCopyCommand(program, inContext);
  addSuspensionCommands(program, inContext);
  addVacuumCommand(program, inContext);
  addDriftCommand(program, inContext);
  program
    .command('relink')
    .description(
      'Move the accounts and the history of users to their new keys in the source. Without a file: all whose key ' +
        'changed, as "scimsync plan" shows them.',
    )
    .argument('[file]', 'CSV file of pairs: old key, new key')
    .option('--as-new', 'they are other people: remove the old ones and create the new ones', false)
    .option('--force', 'also pairs of the file that contradict the source', false)
    .action((file: string | undefined, flags: { asNew: boolean; force: boolean }, command: Command) =>
      inContext(async (context) => (await import('../commands/relink.ts')).relinkCommand(context, file, flags))(
        command,
      ),
    );
  program
    .command('orphans')
    .description(
      'List the accounts at the targets with an externalId that no record of the source has; close them, or declare ' +
        'them not ours.',
    )
    .option('--target <name...>', 'process only this target; repeatable', [])
    .option('--json', 'print JSON lines on standard output', false)
    .option('--remove [x...]', 'close these accounts by leavers.action; externalId, userName or id')
    .option('--foreign [x...]', 'these accounts are not ours: never count them again')
    .option('--all', 'with --remove or --foreign: all of them', false)
    .option('--allow-removals <n>', 'allow at most N removals that the guard would hold', parseWholeNumber)
    .option('--reason <text>', 'why --allow-removals is right, for the journal', parseReason)
    .action((flags: OrphansOptions, command: Command) =>
      inContext(async (context) =>
        (await import('../commands/orphans.ts')).orphansCommand(context, {
          ...flags,
          remove: namesOf(flags.remove),
          foreign: namesOf(flags.foreign),
          allowRemovals: flags.allowRemovals,
        }),
      )(command),
    );
}

/** Adds `drift`: only with `--repair` it sends changes to a target. */
function addDriftCommand(program: Command, inContext: InContext): void {
  program
    .command('drift')
    .description(
      'Read the targets back, and show where they no longer hold what they acknowledged: reactivated leavers, ' +
        'changed attributes, members added or removed, deleted accounts, second accounts and orphans. Changes ' +
        'nothing there without --repair.',
    )
    .option('--target <name...>', 'process only this target; repeatable', [])
    .option('--user <x>', 'only the account of this user: by key, name, e-mail address, DN or another value')
    .option('--group <x>', 'only this group, and its memberships')
    .option('--repair', 'plan and send what drift.policy repairs, through the guard', false)
    .option('--json', 'print JSON lines on standard output', false)
    .option('--exit-code', 'exit with code 2 if something differs', false)
    .option('--allow-removals <n>', 'allow at most N removals that the guard would hold', parseWholeNumber)
    .option('--reason <text>', 'why --allow-removals is right, for the journal', parseReason)
    .action((flags: DriftOptions, command: Command) =>
      inContext(async (context) =>
        (await import('../drift/drift-command.ts')).driftCommand(context, {
          ...flags,
          allowRemovals: flags.allowRemovals,
        }),
      )(command),
    );
}

/** As commander passes them: omitted options are absent. */
type DriftOptions = Omit<DriftFlags, 'allowRemovals'> & { readonly allowRemovals?: number };

function addBackupCommands(program: Command, inContext: InContext): void {
  program
    .command('backup')
    .description('Write a copy of the state to a file, also while a daemon works on it, and check it.')
    .argument('<file>', 'the file to write')
    .option('--force', 'overwrite an existing file', false)
    .action((file: string, flags: { force: boolean }, command: Command) =>
      inContext(async (context) => (await import('../commands/backup/backup.ts')).backupCommand(context, file, flags))(
        command,
      ),
    );
  program
    .command('restore')
    .description(
      'Replace the state by a backup of it. The replaced state is kept beside it, and each target is listed before ' +
        'the next create.',
    )
    .argument('<file>', 'a file of "scimsync backup"')
    .action((file: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/backup/restore.ts')).restoreCommand(context, file))(
        command,
      ),
    );
}

function addStateCopyCommand(program: Command, inContext: InContext): void {
  program
    .command('state')
    .description('Move the state to another place.')
    .command('copy')
    .description(
      'Copy the state from a file to the database of the configuration, or from the database to a file, and verify it.',
    )
    .argument('<from>', 'a state file, or "postgres": the database of the configuration')
    .argument('<to>', 'the other one of the two; it must not have a state yet')
    .action((from: string, to: string, _flags: unknown, command: Command) =>
      inContext(async (context) =>
        (await import('../commands/backup/state-copy.ts')).stateCopyCommand(context, from, to),
      )(command),
    );
}

function addVacuumCommand(program: Command, inContext: InContext): void {
  program
    .command('vacuum')
    .description('Give the free space of a large state back to the disk. Only a state of an older version needs it.')
    .action(inContext(async (context) => (await import('../commands/vacuum.ts')).vacuumCommand(context)));
}

/** As commander passes them: an option without a value is true. */
type OrphansOptions = Omit<OrphansFlags, 'remove' | 'foreign' | 'allowRemovals'> & {
  readonly remove?: true | readonly string[];
  readonly foreign?: true | readonly string[];
  readonly allowRemovals?: number;
};

const namesOf = (value: true | readonly string[] | undefined): readonly string[] | undefined =>
  value === true ? [] : value;

/** Commands for a target whose address or name in the configuration changed. */
function addTargetCommands(program: Command, inContext: InContext): void {
  const target = program
    .command('target')
    .description('Tell the state that a target has another address or name, or is no longer managed.');
  target
    .command('moved')
    .description('The same application and tenant has a new URL: keep what is known about its accounts.')
    .argument('<name>', 'name of a target in the configuration')
    .action((name: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/target.ts')).targetMovedCommand(context, name))(command),
    );
  target
    .command('forget')
    .description(
      'Stop managing the accounts of a target. They stay as they are at the application, and the history stays. ' +
        'If the configuration still has the target, the next pass treats it as a new one.',
    )
    .argument('<name>', 'name of a target in the state')
    .action((name: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/target.ts')).targetForgetCommand(context, name))(command),
    );
  target
    .command('rename')
    .description('The target has another name in the configuration: keep what is known about its accounts.')
    .argument('<old>', 'name of the target in the state')
    .argument('<new>', 'its new name; no other target with accounts may have it')
    .action((name: string, newName: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/target.ts')).targetRenameCommand(context, name, newName))(
        command,
      ),
    );
}

/** Commands that set a target or a user aside. */
function addSuspensionCommands(program: Command, inContext: InContext): void {
  program
    .command('pause')
    .description('Set a target aside: passes and the daemon neither read nor change it until `resume`.')
    .argument('<target>', 'name of a target in the configuration')
    .option('--reason <text>', 'why, for the state and the history', parseReason)
    .action((name: string, flags: { readonly reason?: string }, command: Command) =>
      inContext(async (context) => (await import('../commands/pause.ts')).pauseCommand(context, name, flags.reason))(
        command,
      ),
    );
  program
    .command('resume')
    .description('End the pause of a target: the next pass carries out what changed since then.')
    .argument('<target>', 'name of a paused target')
    .action((name: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/pause.ts')).resumeCommand(context, name))(command),
    );
  program
    .command('freeze')
    .description('Change nothing for one user at any target (legal hold), until `unfreeze` or a date.')
    .argument('<x>', 'key, userName, e-mail address, DN or another value of a user')
    .requiredOption('--reason <text>', 'why, for the state and the history', parseReason)
    .option('--until <time>', 'end of the freeze: 2026-12-31 (the whole day) or 2026-12-31T08:00')
    .action((name: string, flags: FreezeFlags, command: Command) =>
      inContext(async (context) => (await import('../commands/freeze.ts')).freezeCommand(context, name, flags))(
        command,
      ),
    );
  program
    .command('unfreeze')
    .description('End the freeze of a user: the next pass carries out what waited.')
    .argument('<x>', 'key, userName, e-mail address, DN or another value of a user')
    .action((name: string, _flags: unknown, command: Command) =>
      inContext(async (context) => (await import('../commands/freeze.ts')).unfreezeCommand(context, name))(command),
    );
}

/** A reason for the journal. @throws InvalidArgumentError for a blank one */
export function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Write a reason; the journal keeps it.');
  return text.trim();
}

/** @throws InvalidArgumentError */
export function parseWholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}
