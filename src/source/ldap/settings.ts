import type { CredentialGate } from '../../model/credentials/credential-gate.ts';
import type { ValiditySettings } from '../validity.ts';
import type { UnicodeForms } from './names/dn.ts';

/** What is specific to one kind of directory server; loaded from `config/directories/`. */
export interface DirectoryProfile {
  /** `openldap`, `activeDirectory`, `389ds`, `freeipa`, `generic`, or the operator's own. */
  readonly name: string;
  /** The immutable ID of an entry and the form of its bytes. The server reports changes by it. */
  readonly id: { readonly attribute: string; readonly form: IdForm };
  /** The attribute with the key, where it is not the immutable ID. */
  readonly key?: string | undefined;
  /** Which entries are users, unless `users.filter` tests the object class itself. RFC 4515. */
  readonly users: { readonly filter: string };
  readonly groups: GroupsProfile;
  /** A user is inactive if one of these holds. A condition on a missing attribute does not hold. */
  readonly inactive: readonly InactiveCondition[];
  /**
   * Attributes whose value is the DN of another entry. A record holds the key of that entry, so they can be mapped to
   * `manager`.
   */
  readonly references: readonly string[];
  /** Whether the server compares names after composition, or keeps Unicode forms apart. */
  readonly unicodeForms: UnicodeForms;
  /** Attributes with binary values: base64 in a record. `objectGUID` and `objectSid` have text forms of their own. */
  readonly binary: readonly string[];
  /** The default mapping: SCIM path → expression. An entry with a missing attribute does not apply to that record. */
  readonly mapping: {
    readonly user: Readonly<Record<string, string>>;
    readonly group: Readonly<Record<string, string>>;
  };
  /**
   * Methods of incremental reading, best first. Unsupported ones are skipped; without any, every read is a full one.
   */
  readonly changes: readonly ChangeMethod[];
}

/** `text`: UTF-8 · `guid`: 16 bytes in the byte order of Windows ([MS-DTYP] 2.3.4). */
export type IdForm = 'text' | 'guid';

/**
 * `sync`: RFC 4533 · `syncLog`: RFC 4533 as 389 Directory Server implements it, which reports the changed entries
 * without their state (`retro-changelog.ts`) · `dirSync`: [MS-ADTS] 3.1.1.3.4.1.3 · `usn`: uSNChanged and tombstones.
 */
export type ChangeMethod = 'sync' | 'syncLog' | 'dirSync' | 'usn';

/** How a directory stores groups and their members. */
export interface GroupsProfile {
  readonly filter: string;
  /** Attributes that hold the DNs of members: member, uniqueMember. */
  readonly memberDn: readonly string[];
  /** Attributes that hold the logins of members: memberUid. */
  readonly memberLogin: readonly string[];
  /** The attribute of users that `memberLogin` refers to: uid. */
  readonly login: string;
  /** Attributes that hold an LDAP URL whose results are members: memberURL (groupOfURLs). */
  readonly memberUrl: readonly string[];
  /** Users reference one group by the last part of its SID: primaryGroupID. */
  readonly primaryGroup: boolean;
}

/** A condition under which an account is inactive. */
export type InactiveCondition = InactiveValue & {
  /** A user without a readable value is rejected: the server gives every user one. */
  readonly required?: boolean | undefined;
};

/** The value of an attribute that makes an account inactive. */
export type InactiveValue =
  /** One of the values equals this text, ignoring case: nsAccountLock "true", pwdAccountLockedTime "000001010000Z". */
  | { readonly attribute: string; readonly is: string }
  /** A bit of a number is set: userAccountControl 2. */
  | { readonly attribute: string; readonly bit: number }
  /**
   * A time has passed. `fileTime`: 100 ns since 1601, 0 and 9223372036854775807 mean never ([MS-ADA1] 2.3) ·
   * `generalizedTime`: RFC 4517 3.3.13 · `days`: whole days since 1970, negative means never (shadow(5)).
   */
  | { readonly attribute: string; readonly past: 'fileTime' | 'generalizedTime' | 'days' };

/** Certificates and keys of a TLS connection. */
export interface LdapTls {
  /** PEM. */
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name in the server's certificate, where it is not the host of the URL. */
  readonly serverName?: string | undefined;
}

/** How the client authenticates, RFC 4513 section 5. */
export type LdapBind =
  | { readonly method: 'anonymous' }
  /** RFC 4513 5.1.3. The password is read for every connection and never stored. */
  | { readonly method: 'simple'; readonly dn: string; readonly password: () => string }
  /** By client certificate: SASL EXTERNAL (RFC 4422 appendix A). */
  | { readonly method: 'external' };

/** How the client connects to a directory. */
export interface LdapConnection {
  /** Tried in this order. At least one. */
  readonly urls: readonly string[];
  /** StartTLS on an ldap:// URL, before the bind. */
  readonly startTls: boolean;
  readonly tls: LdapTls;
  readonly bind: LdapBind;
  /** Of the password, for all connections that use it; undefined: every connection tries it. */
  readonly gate?: CredentialGate | undefined;
  /** Limit for TCP connection, TLS and bind together. */
  readonly connectTimeoutMs: number;
  /** The longest time without bytes from the server while a response is due. */
  readonly timeoutMs: number;
}

/** Settings of an LDAP source. */
export interface LdapSettings {
  readonly connection: LdapConnection;
  /** undefined: detected from the root DSE. */
  readonly directoryProfile: DirectoryProfile | undefined;
  /** All profiles that the detection chooses from, by name. */
  readonly directoryProfiles: ReadonlyMap<string, DirectoryProfile>;
  readonly users: {
    readonly base: string;
    readonly filter?: string | undefined;
    readonly key?: string | undefined;
    readonly honourShadowExpire: boolean;
    readonly validity?: ValiditySettings | undefined;
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
