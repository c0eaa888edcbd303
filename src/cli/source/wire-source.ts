import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, relative } from 'node:path';
import type { Config } from '../../config/config.ts';
import { redactor } from '../../config/secrets/secrets.ts';
import type {
  CommandSourceConfig,
  HttpSourceConfig,
  LdapBindConfig,
  LdapSourceConfig,
  RowSourceConfig,
  ScimSourceConfig,
  ValidityConfig,
} from '../../config/source-config.ts';
import type { RowSubject } from '../../desired/expression-context.ts';
import { compileRowCondition, type RowCondition } from '../../desired/row-condition.ts';
import { compileRowText } from '../../desired/row-text.ts';
import { namesOf } from '../../model/reading/source-names.ts';
import type { SourceIdentity } from '../../model/reading/source-identity.ts';
import { commandSource, type CommandSettings } from '../../source/command/command-source.ts';
import { csvSource } from '../../source/csv/csv-source.ts';
import { withKeyForm } from '../../source/key-form.ts';
import { withoutReservedKeys } from '../../source/reserved-keys.ts';
import type { ByteClient } from '../../model/http/byte-client.ts';
import type { HttpPlace } from '../../source/http/fetch-pages.ts';
import { httpSource } from '../../source/http/http-source.ts';
import type { HttpSettings } from '../../source/http/settings.ts';
import { ldapSource } from '../../source/ldap/ldap-source.ts';
import type { LdapBind, LdapSettings } from '../../source/ldap/settings.ts';
import { scimSource, type ScimReader, type ScimSettings } from '../../source/scim/scim-source.ts';
import type { ActiveCondition } from '../../source/row-condition.ts';
import type { Source } from '../../source/source.ts';
import type { TableSettings } from '../../source/table/settings.ts';
import type { RowText, ValiditySettings } from '../../source/validity.ts';
import { targetUrlIdentity } from '../../plan/target-identity.ts';
import { createTarget } from '../../scim/target.ts';
import { createByteClient } from '../../scim/transport/byte-client.ts';
import type { SourceSpec } from '../../sync/context.ts';
import { realClock, realRandom } from '../clock.ts';
import { gateOf, gateOfBind } from '../credential-gates.ts';
import { packageVersion } from '../package-folder.ts';
import { groupNameOf } from '../wire.ts';
import { inheritedEnvironment } from './inherited-environment.ts';
import { readPemFiles } from './pem-files.ts';

/** Users who may be lost, or lose an attribute, before the percentages apply: 1 of 3 users is already 33 %. */
const sanityFloor = 2;

/** Creates the source of a configuration. @throws OperatorError if a certificate is unusable */
export type CreateSource = (config: Config, activeCondition: ActiveCondition | undefined) => Source;

/**
 * The source and its plausibility limits, from the configuration. @throws OperatorError as `create` does
 *
 * @param create replaces the real source
 */
export function wireSource(config: Config, create: CreateSource = sourceOf): SourceSpec {
  const { source } = config;
  const { keyForm, relink } = source;
  const activeCondition =
    source.users.active === undefined ? undefined : compileRowCondition(source.users.active, 'user');
  const spec = {
    name: config.sources?.primary,
    source: withoutReservedKeys(
      withKeyForm(create(config, activeCondition), keyForm),
      config.sources === undefined ? [] : (namesOf(config.sources).withGroups ?? []),
    ),
    groupName: groupNameOf(source),
    keyForm,
    sanity: { ...source.sanity, floor: sanityFloor },
    relink,
    identity: sourceIdentity(config),
    redact: redactor(config.secrets),
  };
  if (source.type === 'ldap') return { ...spec, groupsFromColumn: false, fullEveryMs: source.fullEveryMs };
  if (source.type === 'scim') return { ...spec, groupsFromColumn: false, fullEveryMs: 0 };
  return {
    ...spec,
    groupsFromColumn: source.groups?.kind === 'column',
    rows: source.users.rows,
    ...(source.type === 'csv' ? { maxAgeMs: source.maxAgeMs } : {}),
    // Rows have no incremental reads, so no full read needs to be scheduled. An HTTP server may state no change.
    fullEveryMs: source.type === 'http' ? source.fullEveryMs : 0,
  };
}

function sourceOf(config: Config, activeCondition: ActiveCondition | undefined): Source {
  const { source } = config;
  switch (source.type) {
    case 'ldap':
      return ldapSource(ldapSettings(source), { clock: realClock }, activeCondition);
    case 'csv':
      return csvSource({ ...tableSettings(source), settleMs: source.settleMs }, realClock, activeCondition);
    case 'command':
      return commandSource(commandSettings(source, config), activeCondition);
    case 'scim':
      return scimSource(scimSettings(source), () => scimReader(source), activeCondition);
    case 'http':
      return httpSource(httpSettings(source), () => httpClient(source), activeCondition);
  }
}

/** How the source is recognised in the next pass; `judgeSourceIdentity` compares it. */
function sourceIdentity({ source, folder, state }: Config): SourceIdentity {
  switch (source.type) {
    case 'ldap': {
      const hosts = source.urls.map((url) => new URL(url).hostname.toLowerCase()).sort();
      return { type: 'ldap', hosts: [...new Set(hosts)], base: source.users.base };
    }
    case 'csv': {
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
    case 'scim':
      return { type: 'scim', url: targetUrlIdentity(source.url) };
    case 'http': {
      const { origin, pathname } = new URL(source.users.url);
      return { type: 'http', url: `${origin}${pathname}` };
    }
    case 'command':
      return { type: 'command', program: basename(source.users.run[0] ?? '') };
  }
}

/** The settings of a source that consists of rows, with compiled expressions. */
export function tableSettings<Place extends object>(config: RowSourceConfig<Place>): TableSettings<Place> {
  const { users, groups, memberships } = config;
  const settings = {
    users: { ...withCondition(users, 'user'), validity: validitySettings(users) },
    groups: groups?.kind === 'rows' ? withCondition(groups, 'group') : groups,
    memberships: memberships === undefined ? undefined : withCondition(memberships, 'membership'),
  };
  // The compiler does not see that a part without `where` still has its place.
  return settings as unknown as TableSettings<Place>;
}

function commandSettings(source: CommandSourceConfig, { folder, secrets }: Config): CommandSettings {
  const configured = Object.entries(source.env).map(([name, value]) => [name, value.reveal()] as const);
  return {
    ...tableSettings(source),
    folder,
    env: { ...inheritedEnvironment(process.env), ...Object.fromEntries(configured) },
    timeLimitMs: source.timeLimitMs,
    maxBytes: source.maxBytes,
    onExit(action) {
      process.once('exit', action);
      return () => process.off('exit', action);
    },
    redact: redactor(secrets),
    temporaryFolder: tmpdir(),
  };
}

function httpSettings(source: HttpSourceConfig): HttpSettings {
  const { headers, timeLimitMs, maxBytes, auth, tls } = source;
  return {
    ...tableSettings<HttpPlace>(source),
    headers,
    timeLimitMs,
    maxBytes,
    temporaryFolder: tmpdir(),
    // A secret is written as a mask.
    credentialsName: JSON.stringify([auth, tls]),
  };
}

const httpClient = ({ auth, tls, proxy, timeoutMs }: HttpSourceConfig): ByteClient =>
  createByteClient(
    { auth, gate: gateOf(auth), tls: readPemFiles(tls), proxy, timeoutMs, version: packageVersion() },
    { clock: realClock, random: realRandom },
  );

/** The attributes of users that are read: those of RFC 7643 with one value, and lists of plain values. */
const userPaths: readonly string[] = [
  ...['userName', 'externalId', 'displayName', 'nickName', 'profileUrl', 'title', 'userType'],
  ...['preferredLanguage', 'locale', 'timezone', 'roles', 'entitlements'],
  ...['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'].map(
    (name) => `name.${name}`,
  ),
  ...['emails[type eq "work"].value', 'phoneNumbers[type eq "work"].value', 'phoneNumbers[type eq "mobile"].value'],
  ...['streetAddress', 'locality', 'region', 'postalCode', 'country'].map(
    (name) => `addresses[type eq "work"].${name}`,
  ),
  ...['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager.value'].map(
    (name) => `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:${name}`,
  ),
];

/** Settings of a source that is a SCIM server. */
export const scimSettings = (source: ScimSourceConfig): ScimSettings => {
  const { url, users, groups } = source;
  const withKey = users.key === 'id' ? [] : [users.key];
  return {
    url,
    key: users.key,
    validity: validitySettings(users),
    userPaths: [...new Set([...userPaths, ...withKey, ...users.attributes])],
    groupPaths: [...new Set(['displayName', 'externalId', ...(groups?.attributes ?? [])])],
    readsGroups: groups !== undefined,
    temporaryFolder: tmpdir(),
  };
};

/** Reads lists as they are read from targets. */
const scimReader = ({ url, profile, auth, tls, proxy, timeoutMs }: ScimSourceConfig): ScimReader =>
  createTarget(
    { name: 'source', url, profile, auth, tls: readPemFiles(tls), proxy, timeoutMs, version: packageVersion() },
    { clock: realClock, random: realRandom, gate: gateOf(auth) },
  );

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
      gate: gateOfBind(bind),
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
