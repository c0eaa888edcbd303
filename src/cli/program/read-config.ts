import type { Config } from '../../config/config.ts';
import { formatIssue, type Issue } from '../../config/issues.ts';
import { loadConfig, type ConfigIo } from '../../config/load.ts';
import { secretFiles } from '../../config/secrets/secret-files.ts';
import { isCronExpression } from '../../daemon/schedule.ts';
import { checkExpression, usesGroups } from '../../desired/expressions/check-expression.ts';
import { checkJoinValue } from '../../desired/joins/join-value.ts';
import { OperatorError } from '../../model/errors.ts';
import { profileIo } from '../package-folder.ts';
import { checkFilter } from './check-filter.ts';

/** The files of a configuration: the first one, and what is laid over it. */
export type ConfigFiles = readonly [string, ...string[]];

/** All mistakes of a configuration. */
export class InvalidConfig extends OperatorError {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    const list = issues.map((issue) => `  ${formatIssue(issue)}`).join('\n');
    super(
      'config.invalid',
      `the configuration has ${issues.length} ${issues.length === 1 ? 'mistake' : 'mistakes'}:\n${list}`,
      4,
    );
    this.issues = issues;
  }
}

/**
 * Reads a configuration with its secrets.
 *
 * @param options what is read in another way than from the environment and the disk of this process
 * @throws InvalidConfig
 */
export function readConfig(
  [file, ...overlays]: ConfigFiles,
  options: Partial<Pick<ConfigIo, 'env' | 'readFile' | 'secretFiles' | 'withoutCredentials'>> = {},
): Config {
  const loaded = loadConfig(
    {
      ...profileIo,
      secretFiles,
      env: process.env,
      check: {
        expression: checkExpression,
        usesGroups,
        joinValue: checkJoinValue,
        filter: checkFilter,
        schedule: (text) =>
          isCronExpression(text) ? undefined : 'is not a cron expression; every 15 minutes is "*/15 * * * *"',
      },
      ...options,
    },
    file,
    overlays,
  );
  if ('config' in loaded) return loaded.config;
  throw new InvalidConfig(loaded.issues);
}
