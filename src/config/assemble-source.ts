import type {
  CsvFileConfig,
  CsvGroupsConfig,
  CsvSourceConfig,
  Encoding,
  LdapBindConfig,
  LdapSourceConfig,
  SanityConfig,
} from './config.ts';
import type { Directories } from './directories.ts';
import { absolute } from './folder.ts';
import { found } from './found.ts';
import { shareOf } from './percent.ts';
import type { Written } from './schema.ts';
import type { Secret } from './secrets.ts';

type WrittenSource = Written['source'];
type WrittenCsv = Extract<WrittenSource, { type: 'csv' }>;
type WrittenLdap = Extract<WrittenSource, { type: 'ldap' }>;

export interface SourceParts {
  readonly folder: string;
  /** Undefined for a source that is no directory. */
  readonly directories: Directories | undefined;
  /** `source.bind.password`. */
  readonly password: Secret | undefined;
}

export function sourceConfig(written: WrittenSource, parts: SourceParts): CsvSourceConfig | LdapSourceConfig {
  return written.type === 'csv' ? csvConfig(written, parts.folder) : ldapConfig(written, parts);
}

function csvConfig({ users, groups, memberships, sanity, changes, type }: WrittenCsv, folder: string): CsvSourceConfig {
  const csvFile = ({
    file,
    delimiter,
    encoding,
  }: {
    file: string;
    delimiter?: string;
    encoding?: Encoding;
  }): CsvFileConfig => ({
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
    changes,
    sanity: sanityConfig(sanity),
  };
}

const hour = 3_600_000;

function ldapConfig(written: WrittenLdap, { folder, directories, password }: SourceParts): LdapSourceConfig {
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
    fullEveryHours,
    sanity,
  } = written;
  const { serverName, ...files } = tls;
  const { chosen, builtIn } = found(directories);
  return {
    type,
    directory: chosen,
    directories: builtIn,
    urls: (typeof url === 'string' ? [url] : url).map(bare),
    startTls,
    bind: bindConfig(bind, password),
    tls: {
      ...Object.fromEntries(
        Object.entries(files).map(([name, file]: [string, string]) => [name, absolute(file, folder)]),
      ),
      ...(serverName === undefined ? {} : { serverName }),
    },
    users,
    ...(groups === undefined ? {} : { groups }),
    pageSize,
    timeoutMs,
    connectTimeoutMs,
    changes,
    fullEveryMs: fullEveryHours * hour,
    sanity: sanityConfig(sanity),
  };
}

/** In one spelling, so that everybody means the same by it: `LDAPS://host/` is ldaps://host. */
function bare(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function bindConfig(bind: WrittenLdap['bind'], password: Secret | undefined): LdapBindConfig {
  if (bind === undefined) return { method: 'anonymous' };
  return 'dn' in bind ? { method: 'simple', dn: bind.dn, password: found(password) } : { method: 'external' };
}

function sanityConfig({ maxShrink, maxBlank }: WrittenSource['sanity']): SanityConfig {
  return { maxShrink: found(shareOf(maxShrink)), maxBlank: found(shareOf(maxBlank)) };
}
