import type { Limit } from '../model/plan.ts';
import type { Encoding } from '../model/reading/encodings.ts';
import type { Profile } from '../model/profile.ts';
import type { KeyForm } from '../model/reading/key-form.ts';
import type { AuthSettings } from '../model/http/auth-settings.ts';
import type { ProxyRules } from '../model/http/proxy.ts';
import type { TlsConfig } from './connection-config.ts';
import type { DirectoryProfile } from './schema/directory-schema.ts';
import type { Secret } from './secrets/secrets.ts';

/** How the rows of one part are written, and which count. */
export interface RowsConfig {
  /** Absent: CSV. */
  readonly format?: 'csv' | 'jsonLines';
  /** Columns that all JSON objects may lack. */
  readonly columns?: readonly string[];
  /** One character. Absent: the one that the content names by `sep=;`, then that of the users, then a comma. */
  readonly delimiter?: string;
  readonly encoding: Encoding;
  /** Lines before the header. */
  readonly skipLines: number;
  /** Expression that is false for rows that are no part of the source. Absent: all rows are. */
  readonly where?: string;
}

/** A CSV file. */
export interface FilePlace {
  /** Absolute. */
  readonly file: string;
}

/** A program that writes rows. */
export interface ProgramPlace {
  /** The program and its arguments, as in the file. */
  readonly run: readonly string[];
}

/** A URL that answers with rows. */
export interface UrlPlace {
  readonly url: string;
  /** `json`: one JSON value with a list. */
  readonly body: 'csv' | 'jsonLines' | 'json';
  /** Path of the list in a JSON value. Absent: the value is the list. */
  readonly items?: string;
  readonly paging?: {
    readonly next?: string;
    readonly cursor?: { readonly path: string; readonly parameter: string };
    readonly total?: string;
  };
}

/** The rows of the users. */
export interface UserRowsConfig extends RowsConfig, ValidityConfig {
  /** Name of the column with the immutable key. */
  readonly key: string;
  /**
   * Expression that decides whether a user is active. Absent: the column `active` decides; without it, all users are
   * active.
   */
  readonly active?: string;
  /** Separator of several values in one cell. Absent: a cell is one value. */
  readonly listSeparator?: string;
  /** Which of several rows with one key is the user. Absent: such rows are rejected if their values differ. */
  readonly rows?: 'first' | 'last' | 'anyActive';
  /** Column by which these rows are ordered. Absent: the order of the rows. */
  readonly orderBy?: string;
}

/** The dates of users: expressions, and how their texts are read. */
export interface ValidityConfig {
  readonly validFrom?: string;
  readonly validTo?: string;
  /** Expression for the time zone of a user. Absent: `timezone`. */
  readonly zone?: string;
  readonly dateFormats: readonly string[];
  readonly timezone: string;
}

/** Where the groups come from. */
export type GroupRowsConfig<Place> =
  | (RowsConfig &
      Place & {
        readonly kind: 'rows';
        readonly key: string;
        /** Name of the column with the name of a group. Absent: displayName, name or cn, or else the key. */
        readonly name?: string;
      })
  /** The cells of a column of the users name the groups of each user. */
  | { readonly kind: 'column'; readonly column: string; readonly separator: string };

/** The rows of the memberships, one for each. */
export interface MembershipRowsConfig extends RowsConfig {
  /** Name of the column with a group's key. */
  readonly group: string;
  /** Name of the column with the key of a user or of a nested group. */
  readonly member: string;
}

/** A source that consists of rows; `Place` is where the rows of a part are. */
export interface RowSourceConfig<Place> {
  readonly users: UserRowsConfig & Place;
  readonly groups?: GroupRowsConfig<Place>;
  readonly memberships?: MembershipRowsConfig & Place;
  readonly changes: ChangesConfig;
  readonly keyForm: KeyForm;
  readonly relink: RelinkConfig;
  readonly sanity: SanityConfig;
}

/** Limits of the plausibility checks of a reading. */
export interface SanityConfig {
  /** How much smaller than the last accepted reading a reading may be: a share, 0 to 1. */
  readonly maxShrink: number;
  /** How many of the users who had a value for an attribute may lose it in one reading: a share, 0 to 1. */
  readonly maxBlank: number;
  /** How many references (members, managers, groups of memberships) may point to no record. */
  readonly maxDangling: Limit;
}

/** A source of CSV files. */
export interface CsvSourceConfig extends RowSourceConfig<FilePlace> {
  readonly type: 'csv';
  /** A scheduled pass waits until the files have not changed for this time, in ms. */
  readonly settleMs: number;
  /** An older export is reported, and refused at twice this age. Absent: any age. In ms. */
  readonly maxAgeMs?: number;
}

/** A source whose rows are the output of programs. */
export interface CommandSourceConfig extends RowSourceConfig<ProgramPlace> {
  readonly type: 'command';
  /** Environment variables of the programs, besides those that they always get. */
  readonly env: Readonly<Record<string, Secret>>;
  readonly timeLimitMs: number;
  readonly maxBytes: number;
}

/** A source whose rows are the answers of an HTTP server. */
export interface HttpSourceConfig extends RowSourceConfig<UrlPlace> {
  readonly type: 'http';
  readonly auth: AuthSettings;
  readonly tls?: TlsConfig;
  /** Absent: requests are sent directly. */
  readonly proxy?: ProxyRules;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** For all pages of one part. */
  readonly timeLimitMs: number;
  readonly maxBytes: number;
  /** Longest time between two readings that do not ask whether the answers have changed. */
  readonly fullEveryMs: number;
}

/** A SCIM server as the source. */
export interface ScimSourceConfig {
  readonly type: 'scim';
  readonly url: string;
  readonly profile: Profile;
  readonly auth: AuthSettings;
  readonly tls?: TlsConfig;
  /** Absent: requests are sent directly. */
  readonly proxy?: ProxyRules;
  readonly timeoutMs: number;
  readonly users: ValidityConfig & {
    /** `id`, or the SCIM path of an attribute. */
    readonly key: string;
    /** Expression that decides whether a user is active. Absent: the attribute `active`. */
    readonly active?: string;
    /** SCIM paths that are read besides those of RFC 7643. */
    readonly attributes: readonly string[];
  };
  /** Absent: groups are not read. */
  readonly groups?: { readonly attributes: readonly string[] };
  readonly changes: ChangesConfig;
  readonly keyForm: KeyForm;
  readonly relink: RelinkConfig;
  readonly sanity: SanityConfig;
}

/** Where users and groups come from. */
export type SourceConfig =
  CsvSourceConfig | LdapSourceConfig | CommandSourceConfig | HttpSourceConfig | ScimSourceConfig;

/** Several sources. */
export interface SourcesConfig {
  readonly primary: string;
  /** When the daemon reads the primary source, as a cron expression. Absent: in every pass. */
  readonly primarySchedule?: string;
  readonly joined: readonly JoinedSourceConfig[];
}

/** A source whose records are joined to the users of the primary source. */
export interface JoinedSourceConfig {
  readonly name: string;
  readonly source: SourceConfig;
  readonly join: JoinConfig;
  /** When the daemon reads it, as a cron expression. Absent: in every pass. */
  readonly schedule?: string;
  /** Whether a user without a record here is not ready. */
  readonly required: boolean;
}

/** Which records belong together: those with equal values. */
export interface JoinConfig {
  /** Expression over a record of the joined source. */
  readonly on: string;
  /** Expression over a user of the primary source. */
  readonly equals: string;
  /** What does not distinguish two values. */
  readonly keyForm: KeyForm;
}

/** When the daemon runs a pass: by schedule, or also as soon as the source reports a change. */
export type ChangesConfig = 'scheduled' | 'live';

/** Whether users whose key changed wait for an operator (`ask`), or a few are relinked without one (`auto`). */
export type RelinkConfig = 'ask' | 'auto';

/** How scimsync authenticates at the directory (RFC 4513 section 5). */
export type LdapBindConfig =
  | { readonly method: 'anonymous' }
  | { readonly method: 'simple'; readonly dn: string; readonly password: Secret }
  /** SASL EXTERNAL, with the client certificate. */
  | { readonly method: 'external' };

/** TLS settings of a directory. */
export interface LdapTlsConfig extends TlsConfig {
  /** The name that the server's certificate must contain, if it is not the host of the URL. */
  readonly serverName?: string;
}

/** Which entries are users. */
export interface LdapUsersConfig extends ValidityConfig {
  /** DN of the base of the search. */
  readonly base: string;
  /** RFC 4515. Absent: the filter of the directory profile. */
  readonly filter?: string;
  /** Attribute with the immutable key. Absent: that of the directory profile. */
  readonly key?: string;
  /** Expression that decides whether a user is active. Absent: the conditions of the directory profile. */
  readonly active?: string;
  /** Whether an expired `shadowExpire` makes a user inactive. */
  readonly shadowExpire: boolean;
}

/** Which entries are groups; `base`, `filter` and `key` as for users. */
export interface LdapGroupsConfig {
  readonly base: string;
  readonly filter?: string;
  readonly key?: string;
  /** Attribute with the name of a group. Absent: displayName in the mapping of the directory profile. */
  readonly name?: string;
  /** Whether members of nested groups become members of the outer group, or nested groups stay members. */
  readonly nested: 'flatten' | 'keep';
}

/** An LDAP directory as the source. */
export interface LdapSourceConfig {
  readonly type: 'ldap';
  /** Undefined: it is detected from the root DSE of the server. */
  readonly directory: DirectoryProfile | undefined;
  /** All built-in directory profiles, by name. */
  readonly directories: ReadonlyMap<string, DirectoryProfile>;
  /** Scheme, host and port. At least one, in the order in which they are tried. */
  readonly urls: readonly string[];
  readonly startTls: boolean;
  readonly bind: LdapBindConfig;
  readonly tls: LdapTlsConfig;
  readonly users: LdapUsersConfig;
  readonly groups?: LdapGroupsConfig;
  /** Entries in one page of a search (RFC 2696). */
  readonly pageSize: number;
  /** How long the server may send nothing while a response is outstanding. */
  readonly timeoutMs: number;
  /** Limit for connection, TLS and bind together. */
  readonly connectTimeoutMs: number;
  readonly changes: ChangesConfig;
  readonly keyForm: KeyForm;
  readonly relink: RelinkConfig;
  /** Longest time between two full readings. */
  readonly fullEveryMs: number;
  readonly sanity: SanityConfig;
}
