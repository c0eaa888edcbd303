import type { Limit, Limits } from '../model/plan.ts';
import { sourceConfig } from './assemble-source.ts';
import type { AuthConfig, Config, MappingConfig, TargetConfig, TlsConfig } from './config.ts';
import type { Directories } from './directories.ts';
import { absolute } from './folder.ts';
import { found } from './found.ts';
import { formatPath } from './issues.ts';
import { limitOf } from './percent.ts';
import type { ReadProfile } from './profiles.ts';
import type { Written } from './schema.ts';
import type { Secret } from './secrets.ts';

/** A target's profile. */
export type ReadTarget = Pick<Extract<ReadProfile, { kind: 'profile' }>, 'profile' | 'about'>;

/** What was found out about a configuration in which nothing is wrong. */
export interface Parts {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  readonly written: Written;
  /** By path. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** One for each target. */
  readonly profiles: ReadonlyMap<number, ReadTarget>;
  /** Undefined where the source is no directory. */
  readonly directories: Directories | undefined;
  readonly warnings: readonly string[];
}

/** When a daemon looks that hears of changes and was given no schedule: every 15 minutes. */
const liveSchedule = '*/15 * * * *';

/** Puts it together: paths become absolute, percentages shares, references secrets. */
export function assemble({ file, folder, written, secrets, profiles, directories, warnings }: Parts): Config {
  return {
    file,
    folder,
    state: absolute(written.state, folder),
    schedule: written.schedule ?? (written.source.changes === 'live' ? liveSchedule : undefined),
    timezone: written.timezone,
    source: sourceConfig(written.source, { folder, directories, password: secrets.get('source.bind.password') }),
    targets: written.targets.map((target, index) => {
      const secretOf = (field: string): Secret | undefined =>
        secrets.get(formatPath(['targets', index, 'auth', field]));
      return targetConfig(target, folder, found(profiles.get(index)), secretOf);
    }),
    warnings,
    secrets: [...secrets.values()],
  };
}

type WrittenTarget = Written['targets'][number];
type SecretOf = (field: string) => Secret | undefined;

function targetConfig(
  target: WrittenTarget,
  folder: string,
  { profile, about }: ReadTarget,
  secretOf: SecretOf,
): TargetConfig {
  const { timeoutMs, ...limits } = target.limits;
  const { name, url, scope, protect, adopt, tls, leavers } = target;
  return {
    name,
    profile: { ...profile, allows: { ...profile.allows, ...limits } },
    about,
    url,
    auth: authConfig(target.auth, secretOf),
    ...(tls === undefined ? {} : { tls: tlsConfig(tls, folder) }),
    scope,
    // The file is JSON, so whatever the schema takes as unknown is JSON too.
    mapping: target.mapping as { user: MappingConfig; group: MappingConfig },
    leavers: {
      action: leavers.action,
      outOfScope: leavers.outOfScope,
      deleteAfterDays: leavers.deleteAfterDays,
      groups: leavers.groups,
    },
    guard: guardConfig(target.guard),
    ...(protect === undefined ? {} : { protect }),
    adopt,
    timeoutMs,
  };
}

function authConfig(auth: WrittenTarget['auth'], secretOf: SecretOf): AuthConfig {
  const name = (field: string, written: unknown): string =>
    typeof written === 'string' ? written : found(secretOf(field)).reveal();
  switch (auth.type) {
    case 'none':
      return { type: 'none' };
    case 'bearer':
      return { type: 'bearer', token: found(secretOf('token')) };
    case 'oauth2':
      return { ...auth, clientId: name('clientId', auth.clientId), clientSecret: found(secretOf('clientSecret')) };
    case 'basic':
      return { type: 'basic', username: name('username', auth.username), password: found(secretOf('password')) };
    case 'header':
      return { type: 'header', name: auth.name, value: found(secretOf('value')) };
  }
}

function tlsConfig(tls: TlsConfig, folder: string): TlsConfig {
  return Object.fromEntries(
    Object.entries(tls).map(([name, file]: [string, string]) => [name, absolute(file, folder)]),
  );
}

function guardConfig({ maxRemovals, maxRenames, floor }: WrittenTarget['guard']): Limits {
  const limit = (written: string | number): Limit => found(limitOf(written));
  return { maxRemovals: limit(maxRemovals), maxRenames: limit(maxRenames), floor };
}
