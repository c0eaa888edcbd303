import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Config,
  CsvSourceConfig,
  LdapBindConfig,
  LdapSourceConfig,
  TargetConfig,
  TlsConfig,
} from '../config/config.ts';
import { activeRule } from '../desired/active.ts';
import { compileRules } from '../desired/rules.ts';
import { OperatorError } from '../model/errors.ts';
import type { LineSettings } from '../scim/line.ts';
import { createTarget, type Target } from '../scim/target.ts';
import { openWindows, type Windows } from '../scim/windows.ts';
import { csvSource } from '../source/csv/csv-source.ts';
import { compileFilter, FilterSyntaxError } from '../source/ldap/filter.ts';
import { ldapSource } from '../source/ldap/ldap-source.ts';
import type { LdapBind, LdapSettings } from '../source/ldap/settings.ts';
import type { Columns } from '../source/source.ts';
import type { SourceSpec, TargetSpec } from '../sync/spec.ts';
import { realClock, realRandom } from './world.ts';

/** The folder of the package itself: profiles, kinds of directories and version stand there. */
export const packageFolder = join(import.meta.dirname, '..', '..');

/** The built-in profiles, and the files that lie about. */
export const profileIo = {
  readFile: (path: string): string => readFileSync(path, 'utf8'),
  listFolder: (path: string): readonly string[] => readdirSync(path),
  profilesFolder: join(packageFolder, 'config', 'profiles'),
};

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** So few people may be lost, or lose an attribute, without the reading being doubted: 1 of 3 people is 33 %. */
const lossesNeverDoubted = 2;

export function wireSource({ source }: Config): SourceSpec {
  const rule = source.users.active === undefined ? undefined : activeRule(source.users.active);
  const sanity = { ...source.sanity, floor: lossesNeverDoubted };
  if (source.type === 'ldap') {
    return {
      source: ldapSource(ldapSettings(source), { clock: realClock }, rule),
      groupsFromColumn: false,
      sanity,
      fullEveryMs: source.fullEveryMs,
    };
  }
  // Files are read whole or not at all, so a reading of theirs is never one of changes.
  return {
    source: csvSource(csvSettings(source), realClock, rule),
    groupsFromColumn: source.groups?.kind === 'column',
    sanity,
    fullEveryMs: 0,
  };
}

function csvSettings({ users, groups, memberships }: CsvSourceConfig): Parameters<typeof csvSource>[0] {
  return { users, groups, memberships };
}

/** @throws OperatorError where a certificate cannot be read */
export function ldapSettings(source: LdapSourceConfig): LdapSettings {
  const { urls, startTls, bind, tls, users, groups, connectTimeoutMs, timeoutMs, pageSize } = source;
  const { serverName } = tls;
  return {
    connection: {
      urls,
      startTls,
      tls: { ...pems(tls), serverName },
      bind: ldapBind(bind),
      connectTimeoutMs,
      timeoutMs,
    },
    kind: source.directory,
    kinds: source.directories,
    users: { base: users.base, filter: users.filter, key: users.key, honourShadowExpire: users.shadowExpire },
    groups,
    pageSize,
  };
}

function ldapBind(bind: LdapBindConfig): LdapBind {
  if (bind.method !== 'simple') return bind;
  const { method, dn, password } = bind;
  return { method, dn, password: () => password.reveal() };
}

/** What is wrong with an LDAP filter, or undefined. */
export function checkFilter(text: string): string | undefined {
  try {
    compileFilter(text);
    return undefined;
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error.message;
    throw error;
  }
}

/** What planning needs of the targets; nothing in it could reach one. */
export function wireTargets(config: Config): readonly TargetSpec[] {
  return config.targets.map((target, index) => ({
    name: target.name,
    profile: target.profile,
    leavers: {
      action: target.leavers.action,
      deleteAfterDays: target.leavers.deleteAfterDays,
      outOfScope: target.leavers.outOfScope,
      groups: target.leavers.groups,
    },
    guard: target.guard,
    adopt: target.adopt,
    rules: (columns: Columns) =>
      compileRules(
        { scope: target.scope, mapping: target.mapping, protect: target.protect, holds: target.profile.holds },
        columns,
        `targets[${index}].`,
      ),
  }));
}

/** Limits over an hour outlast a pass of the daemon, so what was counted is kept as long as the process lives. */
const windowsOf = new Map<string, Windows>();

function windowsFor({ name, url, profile }: TargetConfig): Windows {
  const limits = profile.allows.windows;
  const key = JSON.stringify([name, url, limits]);
  const windows = windowsOf.get(key) ?? openWindows(limits, realClock);
  windowsOf.set(key, windows);
  return windows;
}

/** Opens the way to a target. Sends nothing yet. @throws OperatorError where a certificate cannot be read */
export function connect(target: TargetConfig): Target {
  return createTarget(lineSettings(target), { clock: realClock, random: realRandom, windows: windowsFor(target) });
}

/** @throws OperatorError where a certificate cannot be read */
export function lineSettings({ name, url, profile, auth, tls, timeoutMs }: TargetConfig): LineSettings {
  return { name, url, profile, auth, tls: pems(tls), timeoutMs, version: packageVersion() };
}

function pems(tls: TlsConfig | undefined): { readonly cert?: string; readonly key?: string; readonly ca?: string } {
  return { ...pem('cert', tls?.certFile), ...pem('key', tls?.keyFile), ...pem('ca', tls?.caFile) };
}

function pem<Name extends string>(name: Name, file: string | undefined): Partial<Record<Name, string>> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(
      `the certificate file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      4,
      { cause: error },
    );
  }
  // TLS takes an authority that is none without a word, and then believes nobody.
  if (!/^-----BEGIN /m.test(text))
    throw new OperatorError(`the file ${file} holds no certificate or key in PEM form ("-----BEGIN …")`, 4);
  return { [name]: text } as Record<Name, string>;
}
