import { InvariantError } from '../model/errors.ts';
import type { Limit, Limits } from '../model/plan.ts';
import type { Profile } from '../model/profile.ts';
import type {
  AuthConfig, Config, CsvFileConfig, CsvGroupsConfig, CsvSourceConfig, Encoding, MappingConfig, TargetConfig, TlsConfig,
} from './config.ts';
import { absolute } from './folder.ts';
import { formatPath } from './issues.ts';
import { limitOf, shareOf } from './percent.ts';
import type { Written } from './schema.ts';
import type { Secret } from './secrets.ts';

/** What was found out about a configuration in which nothing is wrong. */
export interface Parts {
  /** Absolute. */
  readonly file: string;
  readonly folder: string;
  readonly written: Written;
  /** By path. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** One for each target. */
  readonly profiles: ReadonlyMap<number, Profile>;
  readonly warnings: readonly string[];
}

/** Puts it together: paths become absolute, percentages shares, references secrets. */
export function assemble({ file, folder, written, secrets, profiles, warnings }: Parts): Config {
  return {
    file,
    folder,
    state: absolute(written.state, folder),
    schedule: written.schedule,
    timezone: written.timezone,
    source: sourceConfig(written.source, folder),
    targets: written.targets.map((target, index) => {
      const secretOf = (field: string): Secret | undefined => secrets.get(formatPath(['targets', index, 'auth', field]));
      return targetConfig(target, folder, found(profiles.get(index)), secretOf);
    }),
    warnings,
    secrets: [...secrets.values()],
  };
}

function sourceConfig({ users, groups, memberships, sanity, type }: Written['source'], folder: string): CsvSourceConfig {
  const csvFile = ({ file, delimiter, encoding }: { file: string; delimiter?: string; encoding?: Encoding }): CsvFileConfig => ({
    file: absolute(file, folder),
    delimiter: delimiter ?? users.delimiter ?? ',',
    encoding: encoding ?? users.encoding ?? 'utf-8',
  });
  const groupsConfig = (written: NonNullable<typeof groups>): CsvGroupsConfig =>
    'column' in written ? { kind: 'column', ...written } : { kind: 'file', ...csvFile(written), key: written.key };
  return {
    type,
    users: { ...users, ...csvFile(users) },
    ...(groups === undefined ? {} : { groups: groupsConfig(groups) }),
    ...(memberships === undefined ? {} : { memberships: { ...memberships, ...csvFile(memberships) } }),
    sanity: { maxShrink: found(shareOf(sanity.maxShrink)), maxBlank: found(shareOf(sanity.maxBlank)) },
  };
}

type WrittenTarget = Written['targets'][number];
type SecretOf = (field: string) => Secret | undefined;

function targetConfig(target: WrittenTarget, folder: string, profile: Profile, secretOf: SecretOf): TargetConfig {
  const { timeoutMs, ...limits } = target.limits;
  const { name, url, scope, protect, adopt, tls, leavers } = target;
  return {
    name,
    profile: { ...profile, allows: { ...profile.allows, ...limits } },
    url,
    auth: authConfig(target.auth, secretOf),
    ...(tls === undefined ? {} : { tls: tlsConfig(tls, folder) }),
    scope,
    // The file is JSON, so whatever the schema takes as unknown is JSON too.
    mapping: target.mapping as { user: MappingConfig; group: MappingConfig },
    leavers: { action: leavers.action, outOfScope: leavers.outOfScope, deleteAfterDays: leavers.deleteAfterDays, groups: leavers.groups },
    guard: guardConfig(target.guard),
    ...(protect === undefined ? {} : { protect }),
    adopt,
    timeoutMs,
  };
}

function authConfig(auth: WrittenTarget['auth'], secretOf: SecretOf): AuthConfig {
  const name = (field: string, written: unknown): string => (typeof written === 'string' ? written : found(secretOf(field)).reveal());
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
  return Object.fromEntries(Object.entries(tls).map(([name, file]: [string, string]) => [name, absolute(file, folder)]));
}

function guardConfig({ maxRemovals, maxRenames, floor }: WrittenTarget['guard']): Limits {
  const limit = (written: string | number): Limit => found(limitOf(written));
  return { maxRemovals: limit(maxRemovals), maxRenames: limit(maxRenames), floor };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new InvariantError('a configuration is put together only when nothing in it is wrong');
  return value;
}
