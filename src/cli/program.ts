import { Command, CommanderError, Option } from 'commander';
import { OperatorError } from '../model/errors.ts';
import { addCompletionCommand } from './completion/completion-command.ts';
import { addInitCommand } from './init/add-init-command.ts';
import { addAuditCommands } from './program/audit-commands.ts';
import { addSandboxCommands } from './program/sandbox-commands.ts';
import type { ApproveFlags } from './commands/approve.ts';
import type { PlanFlags } from './commands/plan.ts';
import type { ProbeFlags } from './commands/probe.ts';
import type { SyncFlags } from './commands/sync.ts';
import { processConsole } from './console.ts';
import type { ExitCode } from './context.ts';
import { exitCodesHelp } from './program/exit-codes.ts';
import { logLevels, type LogLevel } from './program/log-levels.ts';
import { finishOutput, keepWorking, write } from './output/streams.ts';
import type { NotifyFlags } from './notify/notify-command.ts';
import { packageVersion } from './package-folder.ts';
import type { RunWithoutConfig } from './program/run-without-config.ts';
import { stopOnSignals, surviveHangUps } from './signals.ts';
import { systemFailure } from './program/system-failure.ts';
import { addUndoCommand } from './undo/add-undo-command.ts';
import { configsAndConfig, configsOption } from './program/configs-option.ts';
import { addStateCommands, parseReason, parseWholeNumber, type InContext } from './program/state-commands.ts';

interface GlobalFlags {
  readonly config: readonly [string, ...string[]];
  readonly logLevel: LogLevel;
  /** Of commands that serve many tenants. */
  readonly configs?: string;
}

/** Runs one command line. @returns the exit code; docs/operating.md explains each */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let isWorking = false;
  const code = await run(argv, (command) => {
    isWorking = working.has(command);
    if (isWorking) keepWorking();
  });
  const lost = finishOutput();
  if (lost === 0) return code;
  write(2, `scimsync: ${lost} lines of the result are lost: standard output did not take them\n`);
  finishOutput();
  // A result that was not printed is no success. What a sync or a daemon did is, whether or not its lines were read.
  return isWorking || code !== 0 ? code : 1;
}

/** The commands that do more than print: a reader of standard output that does not read must not stop them. */
const working: ReadonlySet<string> = new Set(['sync', 'daemon', 'drift', 'undo']);

/** The commands that connect to nothing, and need no secret. */
const offline: ReadonlySet<string> = new Set(['test']);

/** The commands that do not use the state. */
const stateless: ReadonlySet<string> = new Set(['test', 'probe']);

async function run(argv: readonly string[], onCommand: (name: string) => void): Promise<ExitCode> {
  const stop = stopOnSignals();
  let commandName = '';
  let result: ExitCode = 0;
  let redact = (text: string): string => text;

  const inContext: InContext =
    (work, overTenants) =>
    async (...parameters: readonly unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      commandName = command.name();
      onCommand(commandName);
      const { config: files, logLevel, configs: folder } = command.optsWithGlobals<GlobalFlags>();
      const commandLine = argv.slice(2).join(' ');
      if (folder !== undefined && overTenants !== undefined) {
        if (files !== defaultFiles) throw configsAndConfig();
        result = await overTenants({ folder, logLevel, commandLine, stop });
        return;
      }
      // What only some commands need is loaded by them: "--help" reads neither a configuration nor a state.
      const { openContext, runCommand } = await import('./program/open-context.ts');
      const context = await openContext(files, logLevel, commandLine, stop, offline.has(command.name()));
      redact = context.redact;
      result = await runCommand(context, work, !stateless.has(command.name()));
    };

  try {
    const program = buildProgram(inContext, {
      ...{ commandLine: argv.slice(2).join(' '), stop },
      setExitCode: (code) => {
        result = code;
      },
      onSecrets: (hide) => {
        redact = hide;
      },
    });
    await program.parseAsync([...argv]);
    return result;
  } catch (error) {
    return reportFailure(error, { stop, isDaemon: commandName === 'daemon' }, redact);
  }
}

const defaultFiles: readonly string[] = ['sync.config.json'];

/** All commands with their options. @param inContext runs a command that needs a configuration */
export function buildProgram(inContext: InContext, run: RunWithoutConfig): Command {
  const program = new Command('scimsync')
    .description(
      'Synchronises users and groups from LDAP, Active Directory or CSV to SCIM 2.0 applications. Leavers go first.',
    )
    .version(packageVersion())
    .addOption(
      new Option('-c, --config <file>', 'configuration file; repeatable: a further file changes parts of it')
        .argParser((file, earlier: readonly string[]) => (earlier === defaultFiles ? [file] : [...earlier, file]))
        .default(defaultFiles, 'sync.config.json'),
    )
    .addOption(
      new Option('--log-level <level>', 'lowest level of log lines on standard error')
        .choices(logLevels)
        .default('info'),
    )
    .exitOverride()
    .configureOutput({ writeOut: (text) => write(1, text), writeErr: (text) => write(2, text) })
    .showHelpAfterError('(use --help for a list of commands and options)')
    .addHelpText('after', exitCodesHelp());
  const target = (): Option => new Option('--target <name...>', 'process only this target; repeatable').default([]);
  const user = (): Option =>
    new Option(
      '--user <x>',
      'only this user: by key, name, e-mail address, DN or another value; other changes wait for the next pass',
    );
  const group = (): Option => new Option('--group <x>', 'only this group, and its memberships');
  addInitCommand(program, run);
  program
    .command('check')
    .description('Validate the configuration, then connect to the source and to all targets. Changes nothing.')
    .option('--json', 'print JSON lines on standard output', false)
    .addOption(configsOption())
    .action((flags: { json: boolean }, command: Command) =>
      inContext(
        async (context) => (await import('./commands/check.ts')).checkCommand(context, flags),
        async (run) => (await import('./tenants/check-tenants.ts')).checkTenants(run, flags),
      )(command),
    );
  program
    .command('plan')
    .description('Show what `sync` would do (dry run). Changes nothing at a target or in the state.')
    .addOption(target())
    .addOption(user())
    .addOption(group())
    .option('--full', 'compare all records, not only those that changed', false)
    .option('--json', 'print JSON lines on standard output', false)
    .option('--exit-code', 'exit with code 2 if there are changes', false)
    .option('--accept-source', 'accept a source read that failed the plausibility checks (this run only)', false)
    .option(
      '--read-targets',
      'also list the accounts of each target (GET only): adoptions, conflicts, open leavers, missing accounts',
      false,
    )
    .option('--html <file>', 'also write the plan as one page, for a person who reads and approves it')
    .option('--at <time>', 'show what will be due then, by the dates of users: 2026-12-31 or 2026-12-31T08:00')
    .action((flags: PlanFlags, command: Command) =>
      inContext(async (context) => (await import('./commands/plan.ts')).planCommand(context, flags))(command),
    );
  program
    .command('sync')
    .description('Run one pass: read the source, plan, and send the changes to all targets.')
    .addOption(target())
    .addOption(user())
    .addOption(group())
    .option(
      '--full',
      'compare all records, not only those that changed. It does not read the targets back: `drift` does',
      false,
    )
    .option('--retry', 'also try records that failed and whose next try is later', false)
    .option('--json', 'print JSON lines on standard output', false)
    .option(
      '--allow-removals <n>',
      'allow at most N removals that the guard would hold, over all targets of this run',
      parseWholeNumber,
    )
    .option(
      '--plan <id>',
      'carry out exactly the plan with this id, including what the guard holds; fail if the plan is out of date',
    )
    .option(
      '--reason <text>',
      'why --plan, --allow-removals, --accept-source or --adopt-conflicts is right, for the journal',
      parseReason,
    )
    .option(
      '--accept-source',
      'accept a source read that failed the plausibility checks (this run only); the journal records who did',
      false,
    )
    .option(
      '--adopt-conflicts',
      'adopt existing accounts although they carry the externalId of another person (this run only); ' +
        'the journal records who did',
      false,
    )
    .action((flags: SyncFlags, command: Command) =>
      inContext(async (context) => (await import('./commands/sync.ts')).syncCommand(context, flags))(command),
    );
  program
    .command('approve')
    .description('Let the next pass carry out what the guard holds in a plan. The journal records who did and why.')
    .argument('<plan>', 'the id of a plan or of a hold, as `scimsync plan` printed it')
    .requiredOption('--reason <text>', 'why the plan is right', parseReason)
    .addOption(target())
    .action((id: string, flags: ApproveFlags, command: Command) =>
      inContext(async (context) => (await import('./commands/approve.ts')).approveCommand(context, id, flags))(command),
    );
  program
    .command('daemon')
    .description('Run passes by schedule, and on changes of a live source, until SIGTERM.')
    .addOption(configsOption())
    .action((_flags: unknown, command: Command) => {
      surviveHangUps();
      return inContext(
        async (context) => (await import('./commands/daemon.ts')).daemonCommand(context),
        async (run) => (await import('./tenants/tenants-daemon.ts')).tenantsDaemon(run),
      )(command);
    });
  addAuditCommands(program, inContext);
  addStateCommands(program, inContext);
  addUndoCommand(program, inContext);
  program
    .command('notify')
    .description('Send a test notification through the channels of the configuration, and show what they answer.')
    .requiredOption('--test [channel...]', 'the channels; by default all')
    .option('--json', 'print JSON lines on standard output', false)
    .action((flags: NotifyFlags, command: Command) =>
      inContext(async (context) => (await import('./notify/notify-command.ts')).notifyCommand(context, flags))(command),
    );
  program
    .command('probe')
    .description(
      'Test how a target implements SCIM, and print a profile. ' +
        'Creates canary users and groups, and removes them again.',
    )
    .argument('<name>', 'name of a target in the configuration')
    .option('--write <file>', 'write the profile to this .json file, and the evidence beside it')
    .option('--yes', 'do not ask for a confirmation', false)
    .option('--json', 'print JSON lines on standard output', false)
    .option('--members <n>', 'number of canary users, and of members in one request', parseWholeNumber, 5)
    .option('--force', 'overwrite existing files', false)
    .action((name: string, flags: ProbeFlags, command: Command) =>
      inContext(async (context) => (await import('./commands/probe.ts')).probeCommand(context, name, flags))(command),
    );
  addSandboxCommands(program, inContext, run);
  addCompletionCommand(program);
  return program;
}

function reportFailure(
  error: unknown,
  { stop, isDaemon }: { readonly stop: AbortSignal; readonly isDaemon: boolean },
  redact: (text: string) => string,
): ExitCode {
  const { err, errColors } = processConsole(process.env, redact);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
  if (error instanceof OperatorError) {
    const separator = error.message.includes('\n') ? '\n' : ' ';
    err(errColors.red(`scimsync: ${error.message}${separator}(code: ${error.code})`));
    return error.exitCode;
  }
  if (stop.aborted) {
    if (isDaemon) return 0;
    err(errColors.red('scimsync: stopped by a signal before it was done; run the command again'));
    return 1;
  }
  const failure = systemFailure(error);
  if (failure !== undefined) {
    err(errColors.red(`scimsync: ${failure}`));
    return 1;
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  err(errColors.red(`scimsync: internal error, please report it: ${details}`));
  return 1;
}
