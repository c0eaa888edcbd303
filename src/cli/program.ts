import { userInfo } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { formatIssue } from '../config/issues.ts';
import { redactor } from '../config/secrets/secrets.ts';
import { checkExpression } from '../desired/expression.ts';
import { OperatorError } from '../model/errors.ts';
import { isCronExpression } from '../daemon/schedule.ts';
import { checkCommand } from './commands/check.ts';
import { daemonCommand } from './commands/daemon.ts';
import { explainCommand } from './commands/explain.ts';
import { historyCommand, type HistoryFlags } from './commands/history.ts';
import { planCommand, type PlanFlags } from './commands/plan.ts';
import type { ProbeFlags } from './commands/probe.ts';
import type { SandboxFlags } from './commands/sandbox.ts';
import { statusCommand } from './commands/status.ts';
import { syncCommand, type SyncFlags } from './commands/sync.ts';
import { processConsole } from './console.ts';
import type { Context, ExitCode } from './context.ts';
import { logLevels, createLog, type LogLevel } from './log.ts';
import { stopOnSignals } from './signals.ts';
import { checkFilter, packageVersion, profileIo } from './wire.ts';

interface GlobalFlags {
  readonly config: string;
  readonly logLevel: LogLevel;
}

/** As the command line gives them: what is left out is absent. */
type SandboxOptions = Omit<SandboxFlags, 'token' | 'profile' | 'requestsPerSecond'> &
  Partial<Pick<SandboxFlags, 'token' | 'profile' | 'requestsPerSecond'>>;

/** Runs one command line. @returns the exit code; see the contract */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  const stop = stopOnSignals();
  let result: ExitCode = 0;
  let redact = (text: string): string => text;

  const inContext =
    (work: (context: Context) => Promise<ExitCode>) =>
    async (...parameters: readonly unknown[]): Promise<void> => {
      const command = parameters.at(-1) as Command;
      const { config: file, logLevel } = command.optsWithGlobals<GlobalFlags>();
      const config = readConfig(file);
      redact = redactor(config.secrets);
      const console = processConsole(process.env, redact);
      const log = createLog(logLevel, console.isInteractive, redact);
      for (const warning of config.warnings) log.warn({ code: warning.code }, formatIssue(warning));
      result = await work({
        config,
        console,
        log,
        stop,
        commandLine: argv.slice(2).join(' '),
        operator: userInfo().username,
      });
    };

  try {
    await buildProgram(
      inContext,
      (code) => {
        result = code;
      },
      stop,
    ).parseAsync([...argv]);
    return result;
  } catch (error) {
    return reportFailure(error, stop, redact);
  }
}

type InContext = (
  work: (context: Context) => Promise<ExitCode>,
) => (...parameters: readonly unknown[]) => Promise<void>;

function buildProgram(inContext: InContext, setExitCode: (code: ExitCode) => void, stop: AbortSignal): Command {
  const program = new Command('scimsync')
    .description('Keeps SCIM 2.0 applications in step with a directory or an HR export, leavers first.')
    .version(packageVersion())
    .option('-c, --config <file>', 'the configuration', 'sync.config.json')
    .addOption(
      new Option('--log-level <level>', 'how much is logged on standard error').choices(logLevels).default('info'),
    )
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, nothing left to do; 1 something failed; 2 plan --exit-code and there are changes;\n3 removals are held by a guard; 4 the configuration or the command line is wrong.',
    );
  const target = (): Option =>
    new Option('--target <name...>', 'only this target; may be given several times').default([]);

  program
    .command('check')
    .description('validates the configuration and connects to source and targets, changing nothing')
    .action(inContext(checkCommand));
  program
    .command('plan')
    .description('shows what a sync would do, changing nothing')
    .addOption(target())
    .option('--full', 'compares everybody, whatever changed', false)
    .option('--json', 'JSON lines on standard output', false)
    .option('--exit-code', 'exit code 2 where there are changes', false)
    .option('--accept-source', 'lets an unbelievable reading through, this once', false)
    .action((flags: PlanFlags, command: Command) => inContext((context) => planCommand(context, flags))(command));
  program
    .command('sync')
    .description('makes one pass')
    .addOption(target())
    .option('--full', 'compares everybody, whatever changed', false)
    .option('--json', 'JSON lines on standard output', false)
    .option('--allow-removals <n>', 'lets up to so many removals through, this once', parseWholeNumber)
    .option(
      '--plan <id>',
      'carries out exactly the plan with this id, holds included, and refuses if the world has moved',
    )
    .option('--accept-source', 'lets an unbelievable reading through, this once; the journal says who did', false)
    .action((flags: SyncFlags, command: Command) => inContext((context) => syncCommand(context, flags))(command));
  program.command('daemon').description('makes passes by schedule, until SIGTERM').action(inContext(daemonCommand));
  program
    .command('status')
    .description('what each target holds, what failed, what is held')
    .option('--json', 'JSON lines on standard output', false)
    .action((flags: { json: boolean }, command: Command) =>
      inContext((context) => statusCommand(context, flags))(command),
    );
  program
    .command('history')
    .description('what was done to whom, when, why, and what the target answered')
    .option('--user <x>', 'key or userName of a person')
    .option('--group <x>', 'key or displayName of a group')
    .option('--target <name>', 'only this target')
    .option('--since <time>', 'from this time on: 2026-11-23 or 2026-11-23T08:00:00Z')
    .option('--json', 'JSON lines on standard output', false)
    .action((flags: HistoryFlags, command: Command) => inContext((context) => historyCommand(context, flags))(command));
  program
    .command('explain')
    .description('one person or group end to end')
    .argument('<x>', 'key, userName, e-mail address or group name')
    .option('--target <name>', 'only this target')
    .action((query: string, flags: { target?: string }, command: Command) =>
      inContext((context) => explainCommand(context, query, { target: flags.target }))(command),
    );
  program
    .command('probe')
    .description('finds out how a target behaves, with canaries that it removes again, and writes a profile')
    .argument('<name>', 'a target of the configuration')
    .option('--write <file>', 'where the profile goes (….json); what it rests on goes beside it')
    .option('--yes', 'does not ask before it creates the canaries', false)
    .option('--json', 'JSON lines on standard output', false)
    .option(
      '--members <n>',
      'most members that one request is tried with; so many people are created',
      parseWholeNumber,
      5,
    )
    .option('--force', 'overwrites the files', false)
    .action((name: string, flags: ProbeFlags, command: Command) =>
      inContext(async (context) => {
        // Two rooms that no pass needs are loaded only by those who ask for them.
        const { probeCommand } = await import('./commands/probe.ts');
        return probeCommand(context, name, flags);
      })(command),
    );
  program
    .command('sandbox')
    .description('a local SCIM application to rehearse against')
    .option('--port <n>', 'where it listens on 127.0.0.1; 0 takes a free one', parseWholeNumber, 8080)
    .option('--token <token>', 'its bearer token; made up where none is given')
    .option(
      '--profile <name>',
      'the kind of application that it plays: a built-in profile, or a file of your own; without it, it keeps to the RFCs',
    )
    .option(
      '--misbehave <numbers>',
      'misbehaviours that it plays, by their numbers: 1,13,62; may be given several times',
      parseNumbers,
      [],
    )
    .option('--list-misbehaviours', 'shows the misbehaviours that there are, and ends', false)
    .option('--requests-per-second <n>', 'answers 429 beyond so many', parseWholeNumber)
    .option('--latency <ms>', 'waits so long before each answer', parseWholeNumber, 0)
    .action(async (flags: SandboxOptions) => {
      const { sandboxCommand } = await import('./commands/sandbox.ts');
      setExitCode(
        await sandboxCommand(
          processConsole(process.env, (text) => text),
          { ...flags, token: flags.token, profile: flags.profile, requestsPerSecond: flags.requestsPerSecond },
          stop,
        ),
      );
    });
  return program;
}

/** @throws OperatorError with all that is wrong */
function readConfig(file: string): Config {
  const loaded = loadConfig(
    {
      ...profileIo,
      env: process.env,
      check: {
        expression: checkExpression,
        filter: checkFilter,
        schedule: (text) =>
          isCronExpression(text) ? undefined : 'is no schedule in cron notation; every 15 minutes is "*/15 * * * *"',
      },
    },
    file,
  );
  if ('config' in loaded) return loaded.config;
  const { issues } = loaded;
  throw new OperatorError(
    'config.invalid',
    `the configuration has ${issues.length} ${issues.length === 1 ? 'mistake' : 'mistakes'}:\n${issues.map((issue) => `  ${formatIssue(issue)}`).join('\n')}`,
    4,
  );
}

function parseWholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** "1,13" after [62] → [62, 1, 13]. */
function parseNumbers(text: string, previous: readonly number[]): readonly number[] {
  return [...previous, ...text.split(',').map((part) => parseWholeNumber(part.trim()))];
}

function reportFailure(error: unknown, stop: AbortSignal, redact: (text: string) => string): ExitCode {
  const { err, errColors } = processConsole(process.env, redact);
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
  if (error instanceof OperatorError) {
    const separator = error.message.includes('\n') ? '\n' : ' ';
    err(errColors.red(`scimsync: ${error.message}${separator}(code: ${error.code})`));
    return error.exitCode;
  }
  // Told to stop before anything was sent: that is a stop as it should be.
  if (stop.aborted) return 0;
  err(
    errColors.red(
      `scimsync: this is a mistake of ours, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    ),
  );
  return 1;
}
