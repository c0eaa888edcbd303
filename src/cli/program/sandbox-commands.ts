import { InvalidArgumentError, Option, type Command } from 'commander';
import type { SandboxFlags } from '../commands/sandbox.ts';
import { processConsole } from '../console.ts';
import type { RehearseFlags } from '../rehearsal/rehearse-command.ts';
import type { RunWithoutConfig } from './run-without-config.ts';
import { parseWholeNumber, type InContext } from './state-commands.ts';

/** As commander passes them: omitted options are absent. */
type SandboxOptions = Omit<SandboxFlags, 'token' | 'profile' | 'requestsPerSecond'> &
  Partial<Pick<SandboxFlags, 'token' | 'profile' | 'requestsPerSecond'>> & { readonly from?: string };

type RehearseOptions = Omit<RehearseFlags, 'allowRemovals' | 'plan'> &
  Partial<Pick<RehearseFlags, 'allowRemovals' | 'plan'>>;

/** Commands that run an application of their own. */
export function addSandboxCommands(
  program: Command,
  inContext: InContext,
  { stop, setExitCode }: RunWithoutConfig,
): void {
  program
    .command('rehearse')
    .description(
      'Carry out a sync against doubles: copies of what the targets hold (GET only), on this machine. Shows what it ' +
        'changed there, and whether a second pass is silent. Changes nothing at a target or in the state.',
    )
    .option('--target <name...>', 'process only this target; repeatable', [])
    .option('--json', 'print JSON lines on standard output', false)
    .option('--keep', 'keep the doubles until Ctrl-C, and print their addresses', false)
    .option('--allow-removals <n>', 'as with `sync`', parseWholeNumber)
    .option('--plan <id>', 'as with `sync`: exactly the plan with this id, including what the guard holds')
    .option('--accept-source', 'as with `sync`', false)
    .option('--adopt-conflicts', 'as with `sync`', false)
    .action((flags: RehearseOptions, command: Command) =>
      inContext(async (context) =>
        (await import('../rehearsal/rehearse-command.ts')).rehearseCommand(context, {
          ...flags,
          allowRemovals: flags.allowRemovals,
          plan: flags.plan,
        }),
      )(command),
    );
  program
    .command('sandbox')
    .description('Run a local SCIM application for tests.')
    .option('--port <n>', 'port on 127.0.0.1; 0 selects a free port', parsePort, 8080)
    .option('--token <token>', 'bearer token; random by default')
    .addOption(
      new Option(
        '--from <target>',
        'a copy of what this target of the configuration holds (GET only), with its profile',
      ).conflicts('profile'),
    )
    .option(
      '--profile <name>',
      'behave like the application of this profile (a built-in name, or a .json file); follows the RFCs by default',
    )
    .option('--misbehave <numbers>', 'misbehaviours to simulate, by number: 1,13,62; repeatable', parseNumbers, [])
    .option('--list-misbehaviours', 'list all misbehaviours and exit', false)
    .option('--requests-per-second <n>', 'respond with 429 above this rate', parseWholeNumber)
    .option('--latency <ms>', 'delay of each response', parseWholeNumber, 0)
    .action(async ({ from, ...options }: SandboxOptions, command: Command) => {
      const { profile, token, requestsPerSecond } = options;
      const flags: SandboxFlags = { ...options, profile, token, requestsPerSecond };
      if (from !== undefined && !flags.listMisbehaviours)
        return inContext(async (context) =>
          (await import('../rehearsal/sandbox-from-command.ts')).sandboxFromCommand(context, from, flags),
        )(command);
      const { sandboxCommand } = await import('../commands/sandbox.ts');
      setExitCode(
        await sandboxCommand(
          processConsole(process.env, (text) => text),
          flags,
          stop,
        ),
      );
    });
}

const maxPort = 65_535;

/** @throws InvalidArgumentError */
function parsePort(text: string): number {
  const port = parseWholeNumber(text);
  if (port > maxPort) throw new InvalidArgumentError(`The largest port is ${maxPort}.`);
  return port;
}

/** "1,13" after [62] → [62, 1, 13]. */
function parseNumbers(text: string, previous: readonly number[]): readonly number[] {
  return [...previous, ...text.split(',').map((part) => parseWholeNumber(part.trim()))];
}
