import type {
  CsvFileConfig,
  CsvGroupsConfig,
  CsvSourceConfig,
  LdapBindConfig,
  LdapSourceConfig,
  SanityConfig,
  ValidityConfig,
} from '../config.ts';
import type { DirectoryProfiles } from '../profiles/directory-profiles.ts';
import { absolutePath } from '../absolute-path.ts';
import { encodingNamed } from '../../model/reading/encodings.ts';
import { requireDefined } from './require-defined.ts';
import { parseDuration, parseLimit, parseShare } from '../schema/percent.ts';
import type { ParsedConfig } from '../schema/config-schema.ts';
import type { Secret } from '../secrets/secrets.ts';

type ParsedSource = ParsedConfig['source'];
type ParsedCsvSource = Extract<ParsedSource, { type: 'csv' }>;
type ParsedLdapSource = Extract<ParsedSource, { type: 'ldap' }>;

/** The options that all CSV files have. */
type ParsedCsvFile = Pick<ParsedCsvSource['users'], 'file' | 'encoding' | 'skipLines' | 'delimiter' | 'where'>;

/** What the configuration of the source needs besides its parsed section. */
export interface SourceAssemblyInput {
  readonly folder: string;
  /** Undefined if the source is not a directory. */
  readonly directories: DirectoryProfiles | undefined;
  /** `source.bind.password`. */
  readonly password: Secret | undefined;
  /** `timezone` of the configuration. */
  readonly timezone: string;
}

/** Builds the configuration of the source. */
export function sourceConfig(parsed: ParsedSource, input: SourceAssemblyInput): CsvSourceConfig | LdapSourceConfig {
  return parsed.type === 'csv' ? csvConfig(parsed, input) : ldapConfig(parsed, input);
}

function csvConfig(
  { users, groups, memberships, sanity, changes, keyForm, relink, settleSeconds, maxAge, type }: ParsedCsvSource,
  { folder, timezone }: SourceAssemblyInput,
): CsvSourceConfig {
  const csvFile = ({ file, encoding, skipLines, delimiter, where }: ParsedCsvFile): CsvFileConfig => ({
    file: absolutePath(file, folder),
    encoding: requireDefined(encodingNamed(encoding ?? users.encoding ?? 'utf-8')),
    skipLines: skipLines ?? 0,
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(where === undefined ? {} : { where }),
  });
  const groupsConfig = (parsed: NonNullable<typeof groups>): CsvGroupsConfig =>
    'column' in parsed
      ? { kind: 'column', ...parsed }
      : {
          kind: 'file',
          ...csvFile(parsed),
          key: parsed.key,
          ...(parsed.name === undefined ? {} : { name: parsed.name }),
        };
  return {
    type,
    users: { ...users, ...csvFile(users), ...validityConfig(users, timezone) },
    ...(groups === undefined ? {} : { groups: groupsConfig(groups) }),
    ...(memberships === undefined ? {} : { memberships: { ...memberships, ...csvFile(memberships) } }),
    changes,
    keyForm,
    relink,
    sanity: sanityConfig(sanity),
    settleMs: settleSeconds * 1000,
    ...(maxAge === undefined ? {} : { maxAgeMs: requireDefined(parseDuration(maxAge)) }),
  };
}

const validityConfig = (
  { dateFormats, timezone }: ParsedSource['users'],
  defaultZone: string,
): Pick<ValidityConfig, 'dateFormats' | 'timezone'> => ({
  dateFormats: dateFormats ?? [],
  timezone: timezone ?? defaultZone,
});

const hourMs = 3_600_000;

function ldapConfig(
  parsed: ParsedLdapSource,
  { folder, directories, password, timezone }: SourceAssemblyInput,
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
    bind: bindConfig(bind, password),
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
