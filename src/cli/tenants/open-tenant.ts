import type { Config } from '../../config/config.ts';
import { OperatorError } from '../../model/errors.ts';
import type { Console } from '../console.ts';
import { processConsole } from '../console.ts';
import type { Context } from '../context.ts';
import { createLog } from '../log.ts';
import type { LogLevel } from '../program/log-levels.ts';
import { createContext } from '../program/open-context.ts';
import { readConfig } from '../program/read-config.ts';
import type { TenantFile } from './tenant-files.ts';

/** How a command that serves many tenants was started. */
export interface TenantsRun extends Pick<Context, 'commandLine' | 'stop'> {
  /** With one configuration for each tenant. */
  readonly folder: string;
  readonly logLevel: LogLevel;
}

/**
 * Opens the configuration of a tenant, with a log whose lines name it. It hides the secrets of this tenant; those of
 * others never reach it.
 *
 * @throws OperatorError that lists all mistakes of the configuration
 */
export async function openTenant(
  { name, file }: Pick<TenantFile, 'name' | 'file'>,
  { commandLine, stop, logLevel }: Pick<TenantsRun, 'commandLine' | 'stop' | 'logLevel'>,
  consoleOf: (console: Console, tenant: string) => Console = linesWithTenant,
): Promise<Context> {
  return createContext(
    () => readTenant(file),
    async (redact) => {
      const console = processConsole(process.env, redact);
      return {
        console: consoleOf(console, name),
        log: await createLog(logLevel, console.isInteractive, redact, { tenant: name }),
      };
    },
    { commandLine, stop },
  );
}

/** The configuration of a tenant. @throws OperatorError that lists all its mistakes */
export function readTenant(file: string): Config {
  const config = readConfig([file]);
  if (config.postgres === undefined) return config;
  throw new OperatorError(
    'tenants.stateInDatabase',
    'the state of a tenant is a file; "state" names a database, which only a daemon of its own can use',
    4,
  );
}

/** Many tenants have no line of a terminal for their progress. */
const linesWithTenant = (console: Console, tenant: string): Console => ({
  ...console,
  out: (line) => console.out(`[${tenant}] ${line}`),
  err: (line) => console.err(`[${tenant}] ${line}`),
  isInteractive: false,
});
