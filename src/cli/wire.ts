import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, CsvSourceConfig, TargetConfig } from '../config/config.ts';
import { activeRule } from '../desired/active.ts';
import { compileRules } from '../desired/rules.ts';
import { OperatorError } from '../model/errors.ts';
import { createTarget, type Target } from '../scim/target.ts';
import { csvSource } from '../source/csv/csv-source.ts';
import type { Columns } from '../source/source.ts';
import type { SourceSpec, TargetSpec } from '../sync/spec.ts';
import { realClock, realRandom } from './world.ts';

/** The folder of the package itself: profiles and version stand there. */
export const packageFolder = join(import.meta.dirname, '..', '..');

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** So few people may be lost, or lose an attribute, without the reading being doubted: 1 of 3 people is 33 %. */
const lossesNeverDoubted = 2;

export function wireSource({ source }: Config): SourceSpec {
  return {
    source: csvSource(csvSettings(source), source.users.active === undefined ? undefined : activeRule(source.users.active)),
    groupsFromColumn: source.groups?.kind === 'column',
    sanity: { ...source.sanity, floor: lossesNeverDoubted },
  };
}

function csvSettings({ users, groups, memberships }: CsvSourceConfig): Parameters<typeof csvSource>[0] {
  return { users, groups, memberships };
}

/** What planning needs of the targets; nothing in it could reach one. */
export function wireTargets(config: Config): readonly TargetSpec[] {
  return config.targets.map((target, index) => ({
    name: target.name,
    profile: target.profile,
    leavers: { action: target.leavers.action, deleteAfterDays: target.leavers.deleteAfterDays, outOfScope: target.leavers.outOfScope, groups: target.leavers.groups },
    guard: target.guard,
    adopt: target.adopt,
    rules: (columns: Columns) => compileRules(
      { scope: target.scope, mapping: target.mapping, protect: target.protect, holds: target.profile.holds }, columns, `targets[${index}].`,
    ),
  }));
}

/** Opens the way to a target. Sends nothing yet. @throws OperatorError where a certificate cannot be read */
export function connect(target: TargetConfig): Target {
  return createTarget({
    name: target.name,
    url: target.url,
    profile: target.profile,
    auth: target.auth,
    tls: {
      ...pem('cert', target.tls?.certFile),
      ...pem('key', target.tls?.keyFile),
      ...pem('ca', target.tls?.caFile),
    },
    timeoutMs: target.timeoutMs,
    version: packageVersion(),
  }, { clock: realClock, random: realRandom });
}

function pem<Name extends string>(name: Name, file: string | undefined): Partial<Record<Name, string>> {
  if (file === undefined) return {};
  try {
    return { [name]: readFileSync(file, 'utf8') } as Record<Name, string>;
  } catch (error) {
    throw new OperatorError(`the certificate file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 4, { cause: error });
  }
}
