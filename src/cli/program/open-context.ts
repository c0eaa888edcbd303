import { userInfo } from 'node:os';
import type { Config } from '../../config/config.ts';
import { formatIssue } from '../../config/issues.ts';
import { loadConfig } from '../../config/load.ts';
import { secretFiles } from '../../config/secrets/secret-files.ts';
import { redactor } from '../../config/secrets/secrets.ts';
import { isCronExpression } from '../../daemon/schedule.ts';
import { checkExpression, usesGroups } from '../../desired/expressions/check-expression.ts';
import { checkJoinValue } from '../../desired/joins/join-value.ts';
import { OperatorError } from '../../model/errors.ts';
import { isBusy, stillBusy } from '../../store/sqlite/begin.ts';
import { stateFailure } from '../../store/sqlite/damage.ts';
import { processConsole } from '../console.ts';
import type { Context, ExitCode } from '../context.ts';
import { createLog } from '../log.ts';
import type { LogLevel } from './log-levels.ts';
import { profileIo } from '../package-folder.ts';
import { checkFilter } from './check-filter.ts';

/**
 * Reads the configuration, and opens console and log.
 *
 * @param files paths of the configuration and of what is laid over it
 * @param withoutCredentials reads neither secrets nor certificates, for a command that connects to nothing
 * @throws OperatorError that lists all mistakes of the configuration
 */
export async function openContext(
  files: readonly [string, ...string[]],
  logLevel: LogLevel,
  commandLine: string,
  stop: AbortSignal,
  withoutCredentials = false,
): Promise<Context> {
  const config = readConfig(files, withoutCredentials);
  // A reload adds its secrets: what was secret before still is.
  const secrets = [...config.secrets];
  const redact = redactor(secrets);
  const console = processConsole(process.env, redact);
  const log = await createLog(logLevel, console.isInteractive, redact);
  const warn = ({ warnings }: Config): void =>
    warnings.forEach((warning) => log.warn({ code: warning.code }, formatIssue(warning)));
  warn(config);
  const context: Context = {
    ...{ config, console, log, stop, commandLine, operator: userInfo().username, redact },
    reload() {
      const reloaded = readConfig(files, withoutCredentials);
      secrets.push(...reloaded.secrets);
      warn(reloaded);
      return { ...context, config: reloaded };
    },
  };
  return context;
}

/** Runs a command. @throws OperatorError, also for a state that is damaged, or that another process keeps */
export async function runCommand(context: Context, work: (context: Context) => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work(context);
  } catch (error) {
    // Any statement can be the first that reads a damaged page, or for which the disk has no space.
    throw stateFailure(context.config.state, error) ?? (isBusy(error) ? stillBusy(error) : error);
  }
}

/** @throws OperatorError that lists all issues */
function readConfig([file, ...overlays]: readonly [string, ...string[]], withoutCredentials: boolean): Config {
  const loaded = loadConfig(
    {
      ...profileIo,
      secretFiles,
      withoutCredentials,
      env: process.env,
      check: {
        expression: checkExpression,
        usesGroups,
        joinValue: checkJoinValue,
        filter: checkFilter,
        schedule: (text) =>
          isCronExpression(text) ? undefined : 'is not a cron expression; every 15 minutes is "*/15 * * * *"',
      },
    },
    file,
    overlays,
  );
  if ('config' in loaded) return loaded.config;
  const { issues } = loaded;
  const list = issues.map((issue) => `  ${formatIssue(issue)}`).join('\n');
  throw new OperatorError(
    'config.invalid',
    `the configuration has ${issues.length} ${issues.length === 1 ? 'mistake' : 'mistakes'}:\n${list}`,
    4,
  );
}
