import type { KeyForm } from '../model/reading/key-form.ts';
import type { Encoding } from '../model/reading/encodings.ts';
import type { JoinerPolicy, Json, LeaverPolicy } from '../model/resource.ts';
import type { Limit, Limits } from '../model/plan.ts';
import type { VerificationLimits } from '../model/evidence.ts';
import type { Profile } from '../model/profile.ts';
import type { Tables } from '../model/target/tables.ts';
import type { Issue } from './issues.ts';
import type { ProfileMetadata } from './profiles/profiles.ts';
import type { DirectoryProfile } from './schema/directory-schema.ts';
import type { Secret } from './secrets/secrets.ts';

/** The complete configuration: defaults filled in, paths absolute, profiles merged, secrets read. */
export interface Config {
  /** The configuration file itself, absolute. */
  readonly file: string;
  /** The folder of that file. Relative paths in it start here. */
  readonly folder: string;
  /** The state file, absolute. */
  readonly state: string;
  /**
   * When the daemon runs a pass, as a cron expression. Undefined: not configured, so the daemon cannot run. A live
   * source always has one.
   */
  readonly schedule: string | undefined;
  /** IANA name of the zone in which `schedule` is meant. */
  readonly timezone: string;
  readonly source: CsvSourceConfig | LdapSourceConfig;
  /** At least one, in the order of the file. */
  readonly targets: readonly TargetConfig[];
  /** Settings that work but should be changed. */
  readonly warnings: readonly Issue[];
  /** All secrets of the configuration, for the redaction of output. */
  readonly secrets: readonly Secret[];
}

export type { Encoding };

/** One CSV file. */
export interface CsvFileConfig {
  /** Absolute. */
  readonly file: string;
  /** One character. Absent: the one that the file names by `sep=;`, then that of the users' file, then a comma. */
  readonly delimiter?: string;
  readonly encoding: Encoding;
  /** Lines before the header. */
  readonly skipLines: number;
  /** Expression that is false for rows that are no part of the source. Absent: all rows are. */
  readonly where?: string;
}

/** The CSV file of the users. */
export interface CsvUsersConfig extends CsvFileConfig, ValidityConfig {
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
  /** Column by which these rows are ordered. Absent: the order of the file. */
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
export type CsvGroupsConfig =
  | (CsvFileConfig & {
      readonly kind: 'file';
      readonly key: string;
      /** Name of the column with the name of a group. Absent: displayName, name or cn, or else the key. */
      readonly name?: string;
    })
  /** The cells of a column in the users' file name the groups of each user. */
  | { readonly kind: 'column'; readonly column: string; readonly separator: string };

/** The CSV file of the memberships, one in each row. */
export interface CsvMembershipsConfig extends CsvFileConfig {
  /** Name of the column with a group's key. */
  readonly group: string;
  /** Name of the column with the key of a user or of a nested group. */
  readonly member: string;
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
export interface CsvSourceConfig {
  readonly type: 'csv';
  readonly users: CsvUsersConfig;
  readonly groups?: CsvGroupsConfig;
  readonly memberships?: CsvMembershipsConfig;
  readonly changes: ChangesConfig;
  readonly keyForm: KeyForm;
  readonly relink: RelinkConfig;
  readonly sanity: SanityConfig;
  /** A scheduled pass waits until the files have not changed for this time, in ms. */
  readonly settleMs: number;
  /** An older export is reported, and refused at twice this age. Absent: any age. In ms. */
  readonly maxAgeMs?: number;
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

/** How scimsync authenticates at a target. */
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
  /** Certificate authorities of the server, if the system does not trust them already. */
  readonly caFile?: string;
}

/** As in the file: SCIM attribute path → expression (a string) or constant; null removes a default. */
export type MappingConfig = Readonly<Record<string, Json>>;

/** One application. */
export interface TargetConfig {
  /** Letters, digits, `-`, `_` and `.`; unique. */
  readonly name: string;
  /** Merged: the limits of the configuration over the profile over the profiles that it extends. */
  readonly profile: Profile;
  /** Support level of that profile, and notes for the operator. */
  readonly about: ProfileMetadata;
  /** Base URL of the SCIM endpoint, as in the file. */
  readonly url: string;
  readonly auth: AuthConfig;
  readonly tls?: TlsConfig;
  /** Expressions. Absent: all users, all groups. */
  readonly scope: {
    readonly users?: string;
    readonly groups?: string;
    /** Users are in scope only while they are in a group that is in scope. */
    readonly onlyMembers: boolean;
  };
  readonly mapping: { readonly user: MappingConfig; readonly group: MappingConfig };
  /** Tables of look-up values for expressions: the common ones, and those of this target. Absent: there are none. */
  readonly tables?: Tables;
  readonly joiners: JoinerPolicy;
  readonly leavers: LeaverPolicy;
  readonly guard: Limits;
  /** Expression over the resource (`scim`). Accounts that match are never changed or removed. */
  readonly protect?: string;
  /** Whether an existing account that matches is adopted. */
  readonly adopt: boolean;
  /** How many writes are read back. */
  readonly verification: VerificationLimits;
  /** Limit for one request. */
  readonly timeoutMs: number;
}
