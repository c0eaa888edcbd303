/** What a kind of directory server is like: data from `config/directories/`, never code. */
export interface DirectoryProfile {
  /** `openldap`, `activeDirectory`, `389ds`, `freeipa`, `generic`, or the operator's own. */
  readonly name: string;
  /** The attribute that never changes for an entry, whatever it is renamed to, and how its bytes are written as text. By it the server names what changed. */
  readonly id: { readonly attribute: string; readonly form: IdForm };
  /** The attribute with the key, where that is another one. */
  readonly key?: string | undefined;
  /** Which entries are people, where `users.filter` does not say so. RFC 4515. */
  readonly users: { readonly filter: string };
  readonly groups: GroupsProfile;
  /** An entry on which one of these holds is inactive; an attribute that is missing says nothing. */
  readonly inactive: readonly InactiveCondition[];
  /** Attributes that hold the DN of another entry. In a record they hold the key of that entry, so that they can be mapped to `manager`. */
  readonly references: readonly string[];
  /** Attributes whose values are bytes: base64 in a record. `objectGUID` and `objectSid` have text forms of their own. */
  readonly binary: readonly string[];
  /** What a mapping is where the operator writes none: SCIM path → expression. A line whose attributes are missing is left out for that record. */
  readonly mapping: {
    readonly user: Readonly<Record<string, string>>;
    readonly group: Readonly<Record<string, string>>;
  };
  /** How changes since the last reading may be asked for, best first. What the server does not offer is passed over; without any, everything is read. */
  readonly changes: readonly ChangeMethod[];
}

/** `text`: as it is · `guid`: 16 bytes in the order in which Windows writes them ([MS-DTYP] 2.3.4). */
export type IdForm = 'text' | 'guid';

/**
 * `sync`: RFC 4533 · `syncLog`: RFC 4533 as 389 Directory Server does it, which tells what changed and not what it is now (`retro-changelog.ts`) ·
 * `dirSync`: [MS-ADTS] 3.1.1.3.4.1.3 · `usn`: uSNChanged with tombstones.
 */
export type ChangeMethod = 'sync' | 'syncLog' | 'dirSync' | 'usn';

export interface GroupsProfile {
  readonly filter: string;
  /** Attributes that name members by DN: member, uniqueMember. */
  readonly memberDn: readonly string[];
  /** Attributes that name members by login: memberUid. */
  readonly memberLogin: readonly string[];
  /** The attribute of people that memberLogin means: uid. */
  readonly login: string;
  /** Attributes that hold an LDAP URL whose results are members: memberURL (groupOfURLs). */
  readonly memberUrl: readonly string[];
  /** A person names one group by the last part of its SID: primaryGroupID. */
  readonly primaryGroup: boolean;
}

export type InactiveCondition =
  /** One of its values is this text, whatever the case: nsAccountLock "true", pwdAccountLockedTime "000001010000Z". */
  | { readonly attribute: string; readonly is: string }
  /** A bit of a number is set: userAccountControl 2. */
  | { readonly attribute: string; readonly bit: number }
  /**
   * A moment has passed. `fileTime`: 100 ns since 1601, 0 and 9223372036854775807 mean never ([MS-ADA1] 2.3) · `generalizedTime`: RFC 4517 3.3.13 ·
   * `days`: whole days since 1970, negative means never (shadow(5)).
   */
  | { readonly attribute: string; readonly past: 'fileTime' | 'generalizedTime' | 'days' };

export interface LdapTls {
  /** PEM. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name that the server's certificate must carry, where it is not the host of the URL. */
  readonly serverName?: string | undefined;
}

export type LdapBind =
  | { readonly method: 'anonymous' }
  /** RFC 4513 5.1.3. The password is asked for at every connection and kept nowhere. */
  | { readonly method: 'simple'; readonly dn: string; readonly password: () => string }
  /** The client certificate says who we are: SASL EXTERNAL (RFC 4422 appendix A). */
  | { readonly method: 'external' };

export interface LdapConnection {
  /** Tried in this order. At least one. */
  readonly urls: readonly string[];
  /** StartTLS on an ldap:// URL, before anything else is said. */
  readonly startTls: boolean;
  readonly tls: LdapTls;
  readonly bind: LdapBind;
  /** For the connection, TLS and bind together. */
  readonly connectTimeoutMs: number;
  /** Longest silence of the server while it owes an answer. */
  readonly timeoutMs: number;
}

export interface LdapSettings {
  readonly connection: LdapConnection;
  /** undefined: found out from the root DSE. */
  readonly directoryProfile: DirectoryProfile | undefined;
  /** All kinds that `auto` chooses from, by name. */
  readonly directoryProfiles: ReadonlyMap<string, DirectoryProfile>;
  readonly users: {
    readonly base: string;
    readonly filter?: string | undefined;
    readonly key?: string | undefined;
    readonly honourShadowExpire: boolean;
  };
  readonly groups?:
    | {
        readonly base: string;
        readonly filter?: string | undefined;
        readonly key?: string | undefined;
        readonly nested: 'flatten' | 'keep';
      }
    | undefined;
  /** Entries in one page. */
  readonly pageSize: number;
}
