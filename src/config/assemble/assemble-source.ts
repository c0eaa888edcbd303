import type {
  CommandSourceConfig,
  CsvSourceConfig,
  GroupRowsConfig,
  HttpSourceConfig,
  LdapBindConfig,
  LdapSourceConfig,
  RowSourceConfig,
  RowsConfig,
  SanityConfig,
  ScimSourceConfig,
  SourceConfig,
  UrlPlace,
  ValidityConfig,
} from '../source-config.ts';
import type { DirectoryProfiles } from '../profiles/directory-profiles.ts';
import { absolutePath } from '../absolute-path.ts';
import { encodingNamed } from '../../model/reading/encodings.ts';
import { authConfig, proxyConfig, tlsConfig } from './assemble-connection.ts';
import { requireDefined } from './require-defined.ts';
import { parseDuration, parseLimit, parseShare } from '../schema/percent.ts';
import type { ParsedSource } from '../schema/config-schema.ts';
import type { ProxyRules } from '../../model/http/proxy.ts';
import type { Profile } from '../../model/profile.ts';
import type { Secret } from '../secrets/secrets.ts';

type ParsedCsvSource = Extract<ParsedSource, { type: 'csv' }>;
type ParsedCommandSource = Extract<ParsedSource, { type: 'command' }>;
type ParsedHttpSource = Extract<ParsedSource, { type: 'http' }>;
type ParsedScimSource = Extract<ParsedSource, { type: 'scim' }>;
type ParsedLdapSource = Extract<ParsedSource, { type: 'ldap' }>;

/** What the configuration of the source needs besides its parsed section. */
export interface SourceAssemblyInput {
  readonly folder: string;
  /** Undefined if the source is not a directory. */
  readonly directories: DirectoryProfiles | undefined;
  /** The profile of a SCIM server; undefined for other sources. */
  readonly profile: Profile | undefined;
  /** A secret by its path in the section of the source: `bind`, `password`. */
  readonly secretOf: (...steps: readonly string[]) => Secret | undefined;
  /** `timezone` of the configuration. */
  readonly timezone: string;
  /** The proxies of the environment. */
  readonly proxies: ProxyRules | undefined;
}

/** Builds the configuration of the source. */
export function sourceConfig(parsed: ParsedSource, input: SourceAssemblyInput): SourceConfig {
  switch (parsed.type) {
    case 'csv':
      return csvConfig(parsed, input);
    case 'ldap':
      return ldapConfig(parsed, input);
    case 'command':
      return commandConfig(parsed, input);
    case 'http':
      return httpConfig(parsed, input);
    case 'scim':
      return scimConfig(parsed, input);
  }
}

function csvConfig(parsed: ParsedCsvSource, input: SourceAssemblyInput): CsvSourceConfig {
  const { type, settleSeconds, maxAge } = parsed;
  return {
    type,
    ...rowSourceConfig(parsed, ({ file }) => ({ file: absolutePath(file, input.folder) }), input),
    settleMs: settleSeconds * 1000,
    ...(maxAge === undefined ? {} : { maxAgeMs: requireDefined(parseDuration(maxAge)) }),
  };
}

const mebibyte = 1024 * 1024;
const hourMs = 3_600_000;

function commandConfig(parsed: ParsedCommandSource, input: SourceAssemblyInput): CommandSourceConfig {
  const { type, env = {}, timeLimitSeconds, maxMegabytes } = parsed;
  return {
    type,
    ...rowSourceConfig(parsed, ({ run }) => ({ run }), input),
    env: Object.fromEntries(Object.keys(env).map((name) => [name, requireDefined(input.secretOf('env', name))])),
    timeLimitMs: timeLimitSeconds * 1000,
    maxBytes: maxMegabytes * mebibyte,
  };
}

function httpConfig(parsed: ParsedHttpSource, input: SourceAssemblyInput): HttpSourceConfig {
  const { type, auth, tls, headers = {}, timeoutMs, timeLimitSeconds, maxMegabytes, fullEveryHours, users } = parsed;
  const proxy = proxyConfig(parsed.proxy, input.proxies, (field) => input.secretOf('proxy', field));
  const place = ({
    url,
    format: body = users.format ?? 'json',
    items,
    paging = users.paging,
  }: ParsedPlace<ParsedHttpSource>): UrlPlace & Pick<RowsConfig, 'format'> => ({
    url,
    body,
    // The list of a JSON value is read as one object in each line.
    format: body === 'csv' ? 'csv' : 'jsonLines',
    ...(items === undefined ? {} : { items }),
    ...(paging === undefined ? {} : { paging: pagingConfig(paging) }),
  });
  return {
    type,
    ...rowSourceConfig(parsed, place, input),
    auth: authConfig(auth, (field) => input.secretOf('auth', field)),
    ...(tls === undefined ? {} : { tls: tlsConfig(tls, input.folder) }),
    ...(proxy === undefined ? {} : { proxy }),
    headers,
    timeoutMs,
    timeLimitMs: timeLimitSeconds * 1000,
    maxBytes: maxMegabytes * mebibyte,
    fullEveryMs: fullEveryHours * hourMs,
  };
}

function pagingConfig(paging: NonNullable<ParsedHttpSource['users']['paging']>): NonNullable<UrlPlace['paging']> {
  const total = paging.total === undefined ? {} : { total: paging.total };
  if ('cursor' in paging) return { cursor: { path: paging.cursor, parameter: paging.parameter }, ...total };
  return { ...(paging.next === undefined ? {} : { next: paging.next }), ...total };
}

function scimConfig(parsed: ParsedScimSource, input: SourceAssemblyInput): ScimSourceConfig {
  const { type, url, auth, tls, timeoutMs, users, groups, changes, keyForm, relink, sanity } = parsed;
  const proxy = proxyConfig(parsed.proxy, input.proxies, (field) => input.secretOf('proxy', field));
  return {
    type,
    url,
    profile: requireDefined(input.profile),
    auth: authConfig(auth, (field) => input.secretOf('auth', field)),
    ...(tls === undefined ? {} : { tls: tlsConfig(tls, input.folder) }),
    ...(proxy === undefined ? {} : { proxy }),
    timeoutMs,
    users: { ...users, attributes: users.attributes ?? [], ...validityConfig(users, input.timezone) },
    ...(groups === undefined ? {} : { groups: { attributes: groups.attributes ?? [] } }),
    changes,
    keyForm,
    relink,
    sanity: sanityConfig(sanity),
  };
}

/** The sections that all sources of rows have. */
type ParsedRowSource = ParsedCsvSource | ParsedCommandSource | ParsedHttpSource;

type ParsedRows = Pick<ParsedRowSource['users'], 'encoding' | 'skipLines' | 'delimiter' | 'where'> &
  Pick<ParsedCommandSource['users'], 'columns'> & { readonly format?: string };

type ParsedPlace<Parsed extends ParsedRowSource> = Parsed['users'] | NonNullable<Parsed['memberships']>;

function rowSourceConfig<Parsed extends ParsedRowSource, Place extends object>(
  parsed: Parsed,
  placeOf: (part: ParsedPlace<Parsed>) => Place,
  { timezone }: SourceAssemblyInput,
): RowSourceConfig<Place> {
  const { users, groups, memberships, changes, keyForm, relink, sanity }: ParsedRowSource = parsed;
  const rows = ({ format, columns, encoding, skipLines, delimiter, where }: ParsedRows): RowsConfig => ({
    ...(format === 'csv' || format === 'jsonLines' ? { format } : {}),
    ...(columns === undefined ? {} : { columns }),
    encoding: requireDefined(encodingNamed(encoding ?? users.encoding ?? 'utf-8')),
    skipLines: skipLines ?? 0,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(where === undefined ? {} : { where }),
  });
  const place = (part: unknown): Place => placeOf(part as ParsedPlace<Parsed>);
  const groupsConfig = (part: NonNullable<typeof groups>): GroupRowsConfig<Place> =>
    'column' in part
      ? { kind: 'column', ...part }
      : {
          kind: 'rows',
          ...rows(part),
          ...place(part),
          key: part.key,
          ...(part.name === undefined ? {} : { name: part.name }),
        };
  return {
    // The format of `place` counts.
    users: {
      ...(users as Omit<typeof users, 'format'>),
      ...rows(users),
      ...place(users),
      ...validityConfig(users, timezone),
    },
    ...(groups === undefined ? {} : { groups: groupsConfig(groups) }),
    ...(memberships === undefined
      ? {}
      : {
          memberships: {
            ...(memberships as Omit<typeof memberships, 'format'>),
            ...rows(memberships),
            ...place(memberships),
          },
        }),
    changes,
    keyForm,
    relink,
    sanity: sanityConfig(sanity),
  };
}

const validityConfig = (
  { dateFormats, timezone }: ParsedSource['users'],
  defaultZone: string,
): Pick<ValidityConfig, 'dateFormats' | 'timezone'> => ({
  dateFormats: dateFormats ?? [],
  timezone: timezone ?? defaultZone,
});

function ldapConfig(
  parsed: ParsedLdapSource,
  { folder, directories, secretOf, timezone }: SourceAssemblyInput,
): LdapSourceConfig {
  const {
    type,
    url,
    startTls,
    bind,
    tls = {},
    users,
    groups,
    pageSize,
    timeoutMs,
    connectTimeoutMs,
    changes,
    keyForm,
    relink,
    fullEveryHours,
    sanity,
  } = parsed;
  const { serverName, ...files } = tls;
  const { selected, builtIn } = requireDefined(directories);
  return {
    type,
    directory: selected,
    directories: builtIn,
    urls: (typeof url === 'string' ? [url] : url).map(normaliseUrl),
    startTls,
    bind: bindConfig(bind, secretOf('bind', 'password')),
    tls: {
      ...Object.fromEntries(
        Object.entries(files).map(([name, file]: [string, string]) => [name, absolutePath(file, folder)]),
      ),
      ...(serverName === undefined ? {} : { serverName }),
    },
    users: { ...users, ...validityConfig(users, timezone) },
    ...(groups === undefined ? {} : { groups }),
    pageSize,
    timeoutMs,
    connectTimeoutMs,
    changes,
    keyForm,
    relink,
    fullEveryMs: fullEveryHours * hourMs,
    sanity: sanityConfig(sanity),
  };
}

/** The canonical form of a URL: `LDAPS://host/` becomes ldaps://host. */
function normaliseUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function bindConfig(bind: ParsedLdapSource['bind'], password: Secret | undefined): LdapBindConfig {
  if (bind === undefined) return { method: 'anonymous' };
  return 'dn' in bind ? { method: 'simple', dn: bind.dn, password: requireDefined(password) } : { method: 'external' };
}

/** A share of references never holds up to this number of them, where the configuration states no other floor. */
const danglingFloor = 10;

function sanityConfig({ maxShrink, maxBlank, maxDangling }: ParsedSource['sanity']): SanityConfig {
  return {
    maxShrink: requireDefined(parseShare(maxShrink)),
    maxBlank: requireDefined(parseShare(maxBlank)),
    maxDangling: requireDefined(parseLimit(maxDangling, danglingFloor)),
  };
}
