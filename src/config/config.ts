import type { LeaverPolicy } from '../model/leaver-policy.ts';
import type { Limits } from '../model/plan.ts';
import type { Profile } from '../model/profile.ts';
import type { Issue } from './issues.ts';
import type { ProfileMetadata } from './profiles/profiles.ts';
import type { Json } from '../model/resource.ts';
import type { DirectoryProfile } from './schema/directory-schema.ts';
import type { Secret } from './secrets/secrets.ts';

/** What the operator wrote, complete: defaults filled in, paths absolute, profiles merged, secrets read. */
export interface Config {
  /** The configuration file itself, absolute. */
  readonly file: string;
  /** Its folder: what every relative path in it starts from. */
  readonly folder: string;
  /** The state file, absolute. */
  readonly state: string;
  /** When the daemon makes a pass, in cron's notation; undefined where nobody asked for a daemon. A live source always has one. */
  readonly schedule: string | undefined;
  /** IANA name of the zone in which `schedule` is meant. */
  readonly timezone: string;
  readonly source: CsvSourceConfig | LdapSourceConfig;
  /** At least one, in the order of the file. */
  readonly targets: readonly TargetConfig[];
  /** What works but should be changed. */
  readonly warnings: readonly Issue[];
  /** Every secret that the configuration holds, for the redaction of what is printed. */
  readonly secrets: readonly Secret[];
}

export type Encoding = 'utf-8' | 'utf-16' | 'utf-16le' | 'utf-16be' | 'latin1';

/** One CSV file. */
export interface CsvFileConfig {
  /** Absolute. */
  readonly file: string;
  /** One character. */
  readonly delimiter: string;
  readonly encoding: Encoding;
}

export interface CsvUsersConfig extends CsvFileConfig {
  /** Name of the column with the immutable identity. */
  readonly key: string;
  /** Expression that says whether a person is active; absent: the column `active` says so, or everybody is. */
  readonly active?: string;
  /** What separates several values in one cell; absent: a cell is one value. */
  readonly listSeparator?: string;
}

export type CsvGroupsConfig =
  | (CsvFileConfig & { readonly kind: 'file'; readonly key: string })
  /** The groups are the words in a column of the users' file. */
  | { readonly kind: 'column'; readonly column: string; readonly separator: string };

export interface CsvMembershipsConfig extends CsvFileConfig {
  /** Name of the column with a group's key. */
  readonly group: string;
  /** Name of the column with the key of a person or of a group. */
  readonly member: string;
}

export interface SanityConfig {
  /** How much smaller than the last believed reading a reading may be: a share, 0 to 1. */
  readonly maxShrink: number;
  /** For how many of those who had a value an attribute may be blank all at once: a share, 0 to 1. */
  readonly maxBlank: number;
}

export interface CsvSourceConfig {
  readonly type: 'csv';
  readonly users: CsvUsersConfig;
  readonly groups?: CsvGroupsConfig;
  readonly memberships?: CsvMembershipsConfig;
  readonly changes: ChangesConfig;
  readonly sanity: SanityConfig;
}

/** When the daemon looks for changes: by schedule, or also as soon as it hears of one. */
export type ChangesConfig = 'scheduled' | 'live';

export type LdapBindConfig =
  | { readonly method: 'anonymous' }
  | { readonly method: 'simple'; readonly dn: string; readonly password: Secret }
  /** By the client certificate. */
  | { readonly method: 'external' };

export interface LdapTlsConfig extends TlsConfig {
  /** The name that the server's certificate must carry, where it is not the host of the URL. */
  readonly serverName?: string;
}

export interface LdapUsersConfig {
  readonly base: string;
  /** RFC 4515; absent: that of the kind of directory. */
  readonly filter?: string;
  /** Attribute; absent: that of the kind of directory. */
  readonly key?: string;
  /** Expression that says whether a person is active; absent: the signs of the kind of directory. */
  readonly active?: string;
  /** Whether shadowExpire is one of the signs. */
  readonly shadowExpire: boolean;
}

export interface LdapGroupsConfig {
  readonly base: string;
  readonly filter?: string;
  readonly key?: string;
  readonly nested: 'flatten' | 'keep';
}

export interface LdapSourceConfig {
  readonly type: 'ldap';
  /** Undefined: it is found out from what the server says of itself. */
  readonly directory: DirectoryProfile | undefined;
  /** All kinds that are built in, by name. */
  readonly directories: ReadonlyMap<string, DirectoryProfile>;
  /** Scheme, host and port. At least one, in the order in which they are tried. */
  readonly urls: readonly string[];
  readonly startTls: boolean;
  readonly bind: LdapBindConfig;
  readonly tls: LdapTlsConfig;
  readonly users: LdapUsersConfig;
  readonly groups?: LdapGroupsConfig;
  /** Entries. */
  readonly pageSize: number;
  /** Longest silence of the server while it owes an answer. */
  readonly timeoutMs: number;
  /** For connection, TLS and bind together. */
  readonly connectTimeoutMs: number;
  readonly changes: ChangesConfig;
  /** At least so often everything is read. */
  readonly fullEveryMs: number;
  readonly sanity: SanityConfig;
}

/** How a target knows us. */
export type AuthConfig =
  | { readonly type: 'none' }
  /** RFC 6750. */
  | { readonly type: 'bearer'; readonly token: Secret }
  /** Client credentials, RFC 6749 section 4.4. */
  | {
      readonly type: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string;
      readonly audience?: string;
    }
  /** RFC 7617. */
  | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
  | { readonly type: 'header'; readonly name: string; readonly value: Secret };

/** PEM files, absolute. A client certificate needs both of its files. */
export interface TlsConfig {
  readonly certFile?: string;
  readonly keyFile?: string;
  /** Who signed the other side's certificate, where the system does not know them. */
  readonly caFile?: string;
}

/** As written: SCIM attribute path → expression (a string) or constant; null removes a default. */
export type MappingConfig = Readonly<Record<string, Json>>;

export interface TargetConfig {
  /** Letters, digits, `-`, `_` and `.`; unique. */
  readonly name: string;
  /** Merged: configuration over profile over the profiles that it extends. `limits` are already in `limits`. */
  readonly profile: Profile;
  /** How well that profile is known, and what to know before using it. */
  readonly about: ProfileMetadata;
  /** Base URL of the SCIM endpoint, as written. */
  readonly url: string;
  readonly auth: AuthConfig;
  readonly tls?: TlsConfig;
  /** Expressions; absent: everybody. */
  readonly scope: { readonly users?: string; readonly groups?: string };
  readonly mapping: { readonly user: MappingConfig; readonly group: MappingConfig };
  readonly leavers: LeaverPolicy;
  readonly guard: Limits;
  /** Expression over the resource (`scim`); what it matches is never changed or removed. */
  readonly protect?: string;
  /** Whether an account that is already there is taken over. */
  readonly adopt: boolean;
  /** How long one request may take. */
  readonly timeoutMs: number;
}
