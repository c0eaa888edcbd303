import { readdirSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type {
  Config,
  CsvSourceConfig,
  LdapBindConfig,
  LdapSourceConfig,
  TargetConfig,
  TlsConfig,
  ValidityConfig,
} from '../config/config.ts';
import type { RowSubject } from '../desired/expression-context.ts';
import { compileRowCondition, type RowCondition } from '../desired/row-condition.ts';
import { compileRowText } from '../desired/row-text.ts';
import { mappingWithKeyForm } from '../desired/key-form-mapping.ts';
import type { Tables } from '../model/target/tables.ts';
import { compileTargetMapping } from '../desired/target-mapping.ts';
import type { DateSettings } from '../model/dates/read-date.ts';
import { OperatorError } from '../model/errors.ts';
import type { RequestCounts } from '../model/target/request-counts.ts';
import { targetUrlIdentity } from '../plan/target-identity.ts';
import type { SourceIdentity } from '../model/reading/source-identity.ts';
import type { ConnectionSettings } from '../scim/transport/connection.ts';
import { createTarget, type Target } from '../scim/target.ts';
import { csvSource } from '../source/csv/csv-source.ts';
import { compileFilter, FilterSyntaxError } from '../source/ldap/protocol/filter.ts';
import { ldapSource } from '../source/ldap/ldap-source.ts';
import type { LdapBind, LdapSettings } from '../source/ldap/settings.ts';
import { withKeyForm } from '../source/key-form.ts';
import type { RowText, ValiditySettings } from '../source/validity.ts';
import type { Columns } from '../source/source.ts';
import type { SourceSpec, TargetSpec } from '../sync/context.ts';
import { realClock, realRandom } from './clock.ts';

/** The folder of the package, with the built-in profiles, the directory profiles and package.json. */
export const packageFolder = join(import.meta.dirname, '..', '..');

/** File access for profiles: the built-in ones and the operator's own. */
export const profileIo = {
  readFile: (path: string): string => readFileSync(path, 'utf8'),
  listFolder: (path: string): readonly string[] => readdirSync(path),
  profilesFolder: join(packageFolder, 'config', 'profiles'),
};

/** The version of scimsync, from package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string }).version;
}

/** Users who may be lost, or lose an attribute, before the percentages apply: 1 of 3 users is already 33 %. */
const sanityFloor = 2;

/**
 * The source and its plausibility limits, from the configuration. @throws OperatorError if a certificate is unusable
 */
export function wireSource(config: Config): SourceSpec {
  const { source } = config;
  const activeCondition =
    source.users.active === undefined ? undefined : compileRowCondition(source.users.active, 'user');
  const sanity = { ...source.sanity, floor: sanityFloor };
  if (source.type === 'ldap') {
    return {
      source: withKeyForm(ldapSource(ldapSettings(source), { clock: realClock }, activeCondition), source.keyForm),
      keyForm: source.keyForm,
      groupsFromColumn: false,
      sanity,
      relink: source.relink,
      identity: sourceIdentity(config),
      fullEveryMs: source.fullEveryMs,
    };
  }
  // CSV files have no incremental reads, so no full read needs to be scheduled.
  return {
    source: withKeyForm(csvSource(csvSettings(source), realClock, activeCondition), source.keyForm),
    keyForm: source.keyForm,
    groupsFromColumn: source.groups?.kind === 'column',
    rows: source.users.rows,
    sanity,
    relink: source.relink,
    identity: sourceIdentity(config),
    maxAgeMs: source.maxAgeMs,
    fullEveryMs: 0,
  };
}

/** How the source is recognised in the next pass; `judgeSourceIdentity` compares it. */
function sourceIdentity({ source, folder, state }: Config): SourceIdentity {
  if (source.type === 'ldap') {
    const hosts = source.urls.map((url) => new URL(url).hostname.toLowerCase()).sort();
    return { type: 'ldap', hosts: [...new Set(hosts)], base: source.users.base };
  }
  const path = source.users.file;
  const fromConfiguration = relative(folder, path);
  const isInside = !fromConfiguration.startsWith('..') && !isAbsolute(fromConfiguration);
  return {
    type: 'csv',
    file: isInside ? fromConfiguration : path,
    fromState: relative(dirname(state), path),
    path,
  };
}

function csvSettings({ users, groups, memberships, settleMs }: CsvSourceConfig): Parameters<typeof csvSource>[0] {
  return {
    users: { ...withCondition(users, 'user'), validity: validitySettings(users) },
    groups: groups?.kind === 'file' ? withCondition(groups, 'group') : groups,
    memberships: memberships === undefined ? undefined : withCondition(memberships, 'membership'),
    settleMs,
  };
}

/** The dates of users; undefined: no expression states any. */
function validitySettings({
  validFrom,
  validTo,
  zone,
  dateFormats,
  timezone,
}: ValidityConfig): ValiditySettings | undefined {
  if (validFrom === undefined && validTo === undefined) return undefined;
  const compiled = (text: string | undefined): RowText | undefined =>
    text === undefined ? undefined : compileRowText(text);
  return {
    validFrom: compiled(validFrom),
    validTo: compiled(validTo),
    zone: compiled(zone),
    dates: { formats: dateFormats, zone: timezone },
  };
}

function withCondition<File extends { readonly where?: string }>(
  file: File,
  subject: RowSubject,
): Omit<File, 'where'> & { readonly where: RowCondition | undefined } {
  return { ...file, where: file.where === undefined ? undefined : compileRowCondition(file.where, subject) };
}

/** Settings of an LDAP source. @throws OperatorError if a certificate is unusable */
export function ldapSettings(source: LdapSourceConfig): LdapSettings {
  const { urls, startTls, bind, tls, users, groups, connectTimeoutMs, timeoutMs, pageSize } = source;
  const { serverName } = tls;
  return {
    connection: {
      urls,
      startTls,
      tls: { ...readPemFiles(tls), serverName },
      bind: ldapBind(bind),
      connectTimeoutMs,
      timeoutMs,
    },
    directoryProfile: source.directory,
    directoryProfiles: source.directories,
    users: {
      base: users.base,
      filter: users.filter,
      key: users.key,
      honourShadowExpire: users.shadowExpire,
      validity: validitySettings(users),
    },
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

/** The targets as planning needs them, without any dependency that could reach a target. */
export function wireTargets(
  config: Config,
  { adoptConflicts = false }: { readonly adoptConflicts?: boolean } = {},
): readonly TargetSpec[] {
  return config.targets.map((target, index) => ({
    name: target.name,
    url: targetUrlIdentity(target.url),
    profile: target.profile,
    joiners: target.joiners,
    leavers: {
      action: target.leavers.action,
      deactivateDaysAfter: target.leavers.deactivateDaysAfter ?? 0,
      deleteAfterDays: target.leavers.deleteAfterDays,
      outOfScope: target.leavers.outOfScope,
      groups: target.leavers.groups,
    },
    guard: target.guard,
    adopt: target.adopt,
    verification: target.verification,
    adoptConflicts,
    keyForm: config.source.keyForm,
    compileMapping: (columns: Columns) =>
      mappingWithKeyForm(
        compileTargetMapping(
          {
            scope: target.scope,
            groupName: groupNameOf(config.source),
            mapping: target.mapping,
            protect: target.protect,
            supports: target.profile.supports,
            tables: target.tables ?? noTables,
            dates: expressionDates(config.source),
          },
          columns,
          `targets[${index}].`,
        ),
        config.source.keyForm,
      ),
  }));
}

const noTables: Tables = {};

/** How the expressions of targets read dates: as the source does. */
const expressionDates = ({ type, users }: Config['source']): DateSettings => ({
  formats: users.dateFormats,
  zone: users.timezone,
  numbers: type === 'ldap' ? 'shadowDays' : 'excel',
});

/** The attribute with the name of a group; undefined: the default. In a column of users, the name is the cell. */
function groupNameOf({ groups }: Config['source']): string | undefined {
  return groups !== undefined && 'name' in groups ? groups.name : undefined;
}

/**
 * Creates the client of a target. Sends nothing yet.
 *
 * @param requestCounts the requests that its quotas count; undefined: those of this connection only
 * @throws OperatorError if a certificate is unusable
 */
export function connect(target: TargetConfig, requestCounts?: RequestCounts): Target {
  const counts = requestCounts === undefined ? {} : { requestCounts };
  return createTarget(connectionSettings(target), { clock: realClock, random: realRandom, ...counts });
}

/** Settings of the connection to a target. @throws OperatorError if a certificate is unusable */
export function connectionSettings(target: TargetConfig): ConnectionSettings {
  const { name, url, profile, auth, tls, timeoutMs, verification: samples } = target;
  return { name, url, profile, auth, tls: readPemFiles(tls), timeoutMs, samples, version: packageVersion() };
}

function readPemFiles(tls: TlsConfig | undefined): {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
} {
  return {
    ...readPemFile('cert', tls?.certFile),
    ...readPemFile('key', tls?.keyFile),
    ...readPemFile('ca', tls?.caFile),
  };
}

function readPemFile<Name extends string>(name: Name, file: string | undefined): Partial<Record<Name, string>> {
  if (file === undefined) return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new OperatorError(
      'config.certificateUnreadable',
      `the certificate file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      4,
      { cause: error },
    );
  }
  // Node.js accepts a CA file without any certificate silently, and then trusts no server.
  if (!/^-----BEGIN /m.test(text))
    throw new OperatorError(
      'config.certificateNotPem',
      `the file ${file} contains no certificate or key in PEM form ("-----BEGIN …")`,
      4,
    );
  return { [name]: text } as Record<Name, string>;
}
