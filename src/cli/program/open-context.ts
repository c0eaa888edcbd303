import { userInfo } from 'node:os';
import type { Config } from '../../config/config.ts';
import { formatIssue } from '../../config/issues.ts';
import { redactor } from '../../config/secrets/secrets.ts';
import { isBusy, stillBusy } from '../../store/sqlite/begin.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import { processConsole } from '../console.ts';
import type { Context } from '../context.ts';
import { createLog } from '../log.ts';
import type { LogLevel } from './log-levels.ts';
import { openSharedState } from './open-shared-state.ts';
import { readConfig, type ConfigFiles } from './read-config.ts';

/**
 * Reads the configuration, and opens console and log.
 *
 * @param files paths of the configuration and of what is laid over it
 * @param withoutCredentials reads neither secrets nor certificates, for a command that connects to nothing
 * @throws OperatorError that lists all mistakes of the configuration
 */
export async function openContext(
  files: ConfigFiles,
  logLevel: LogLevel,
  commandLine: string,
  stop: AbortSignal,
  withoutCredentials = false,
): Promise<Context> {
  return createContext(
    () => readConfig(files, { withoutCredentials }),
    async (redact) => {
      const console = processConsole(process.env, redact);
      return { console, log: await createLog(logLevel, console.isInteractive, redact) };
    },
    { commandLine, stop },
  );
}

/**
 * Reads the configuration, and opens the outputs, which get the function that hides its secrets.
 *
 * @param read is called again by a reload
 * @param given `operator`: by default the user that runs the process
 */
export async function createContext(
  read: () => Config,
  openOutputs: (redact: (text: string) => string) => Promise<Pick<Context, 'console' | 'log'>>,
  { operator, ...given }: Pick<Context, 'commandLine' | 'stop'> & { readonly operator?: string | undefined },
): Promise<Context> {
  const config = read();
  // A reload adds its secrets: what was secret before still is.
  const secrets = [...config.secrets];
  const redact = redactor(secrets);
  const outputs = await openOutputs(redact);
  const warn = ({ warnings }: Config): void =>
    warnings.forEach((warning) => outputs.log.warn({ code: warning.code }, formatIssue(warning)));
  warn(config);
  const context: Context = {
    ...{ config, ...outputs, ...given, redact, operator: operator ?? userInfo().username },
    reload() {
      const reloaded = read();
      secrets.push(...reloaded.secrets);
      warn(reloaded);
      return { ...context, config: reloaded };
    },
  };
  return context;
}

/**
 * Runs work with the state, if that is in a database: `config.state` is then the working copy of this process.
 *
 * @throws OperatorError if the database cannot be used
 */
async function withSharedState<T>(context: Context, work: (context: Context) => Promise<T>): Promise<T> {
  const { config } = context;
  if (config.postgres === undefined) return work(context);
  const { file, shared, close } = await openSharedState(config.postgres, config.state);
  const withState = (one: Context): Context => ({
    ...one,
    shared,
    config: { ...one.config, state: file },
    reload: () => withState(one.reload()),
  });
  try {
    return await work(withState(context));
  } finally {
    await close();
  }
}

/**
 * Runs a command.
 *
 * @param needsState false: the command does not use the state, so a database is not connected to
 * @throws OperatorError, also for a state that is damaged, or that another process keeps
 */
export async function runCommand<T>(
  context: Context,
  work: (context: Context) => Promise<T>,
  needsState = true,
): Promise<T> {
  const run = (one: Context): Promise<T> =>
    work(one).catch((error: unknown) => {
      // Any statement can be the first that reads a damaged page, or for which the disk has no space.
      throw stateFailure(one.config.state, error) ?? (isBusy(error) ? stillBusy(error) : error);
    });
  return needsState ? withSharedState(context, run) : run(context);
}
