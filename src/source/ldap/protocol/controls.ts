import { BerReader, berElement, berInteger, berOctets, tags } from './ber.ts';

/** A control of a request (RFC 4511 4.1.11). */
export interface Control {
  readonly oid: string;
  /** A server that does not support a critical control must refuse the request. */
  readonly critical: boolean;
  readonly value?: Buffer | undefined;
}

/** A control of a response. */
export interface ResponseControl {
  readonly oid: string;
  readonly value: Buffer | undefined;
}

/** Object identifiers of the LDAP controls and messages in use. */
export const oids = {
  /** RFC 2696. */
  paged: '1.2.840.113556.1.4.319',
  /** RFC 4533. */
  syncRequest: '1.3.6.1.4.1.4203.1.9.1.1',
  syncState: '1.3.6.1.4.1.4203.1.9.1.2',
  syncDone: '1.3.6.1.4.1.4203.1.9.1.3',
  syncInfo: '1.3.6.1.4.1.4203.1.9.1.4',
  /** [MS-ADTS] 3.1.1.3.4.1. */
  dirSync: '1.2.840.113556.1.4.841',
  showDeleted: '1.2.840.113556.1.4.417',
  notification: '1.2.840.113556.1.4.528',
  domainScope: '1.2.840.113556.1.4.1339',
  /** RFC 3296. */
  manageDsaIt: '2.16.840.1.113730.3.4.2',
} as const;

/** Name of the Sync Info Message, RFC 4533 section 2.5. */
export const syncInfoOid = oids.syncInfo;
/** Active Directory also returns deleted entries, [MS-ADTS] 3.1.1.3.4.1. */
export const showDeleted: Control = { oid: oids.showDeleted, critical: true };
/** Active Directory reports changes on the open search, [MS-ADTS] 3.1.1.3.4.1. */
export const notification: Control = { oid: oids.notification, critical: true };
/** Active Directory returns no referrals, [MS-ADTS] 3.1.1.3.4.1. */
export const domainScope: Control = { oid: oids.domainScope, critical: false };
/** Referral objects are ordinary entries, RFC 3296 section 3. */
export const manageDsaIt: Control = { oid: oids.manageDsaIt, critical: false };

/** Requests one page of a search (RFC 2696). @param size in entries */
export function pagedControl(size: number, cookie: Buffer, critical = true): Control {
  return { oid: oids.paged, critical, value: berElement(tags.sequence, berInteger(size), berOctets(cookie)) };
}

/**
 * The cookie of a paged search (RFC 2696): empty after the last page; undefined where the response has no such control.
 */
export function pagedCookie(controls: readonly ResponseControl[]): Buffer | undefined {
  const value = valueOf(controls, oids.paged);
  if (value === undefined) return undefined;
  const reader = new BerReader(value).inside(tags.sequence);
  reader.integer();
  return reader.octets();
}

/** RFC 4533 2.2. */
export function syncRequest(mode: 'refreshOnly' | 'refreshAndPersist', cookie: Buffer | undefined): Control {
  const parts = [
    berInteger(mode === 'refreshOnly' ? 1 : 3, tags.enumerated),
    ...(cookie === undefined ? [] : [berOctets(cookie)]),
  ];
  return { oid: oids.syncRequest, critical: true, value: berElement(tags.sequence, ...parts) };
}

const states = ['present', 'add', 'modify', 'delete'] as const;

/** The state of one entry in a content synchronisation, RFC 4533 section 2.3. */
export interface SyncState {
  readonly state: (typeof states)[number];
  /** 8-4-4-4-12, lower case. */
  readonly uuid: string;
  readonly cookie: Buffer | undefined;
}

/** RFC 4533 2.3. */
export function syncState(controls: readonly ResponseControl[]): SyncState | undefined {
  const value = valueOf(controls, oids.syncState);
  if (value === undefined) return undefined;
  const reader = new BerReader(value).inside(tags.sequence);
  const state = states[reader.integer(tags.enumerated)];
  const uuid = uuidText(reader.octets());
  return state === undefined ? undefined : { state, uuid, cookie: optionalCookie(reader) };
}

/** RFC 4533 2.4. */
export function syncDone(
  controls: readonly ResponseControl[],
): { readonly cookie: Buffer | undefined; readonly refreshDeletes: boolean } | undefined {
  const value = valueOf(controls, oids.syncDone);
  if (value === undefined) return undefined;
  const reader = new BerReader(value).inside(tags.sequence);
  return { cookie: optionalCookie(reader), refreshDeletes: optionalBoolean(reader, false) };
}

/** A Sync Info Message, RFC 4533 section 2.5. */
export type SyncInfo =
  | { readonly kind: 'newCookie'; readonly cookie: Buffer }
  | {
      readonly kind: 'refreshDelete' | 'refreshPresent';
      readonly cookie: Buffer | undefined;
      readonly refreshDone: boolean;
    }
  | {
      readonly kind: 'idSet';
      readonly cookie: Buffer | undefined;
      readonly refreshDeletes: boolean;
      readonly uuids: readonly string[];
    };

/** RFC 4533 2.5. @throws BerError */
export function syncInfo(value: Buffer): SyncInfo {
  const whole = new BerReader(value);
  const tag = whole.peek() ?? -1;
  if (tag === 0x80) return { kind: 'newCookie', cookie: whole.octets(0x80) };
  const reader = whole.inside(tag);
  const cookie = optionalCookie(reader);
  if (tag !== 0xa3)
    return {
      kind: tag === 0xa1 ? 'refreshDelete' : 'refreshPresent',
      cookie,
      refreshDone: optionalBoolean(reader, true),
    };
  const refreshDeletes = optionalBoolean(reader, false);
  const set = reader.inside(tags.set);
  const uuids: string[] = [];
  while (!set.isAtEnd) uuids.push(uuidText(set.octets()));
  return { kind: 'idSet', cookie, refreshDeletes, uuids };
}

/** [MS-ADTS] 3.1.1.3.4.1. */
export const dirSyncFlags = {
  objectSecurity: 0x1,
  /** Returns only the added and removed values of a changed attribute: 0x80000000 as a signed integer. */
  incrementalValues: -0x8000_0000,
} as const;

/** The DirSync control of Active Directory, [MS-ADTS] 3.1.1.3.4.1. */
export function dirSyncRequest(flags: number, maxBytes: number, cookie: Buffer): Control {
  return {
    oid: oids.dirSync,
    critical: true,
    value: berElement(tags.sequence, berInteger(flags), berInteger(maxBytes), berOctets(cookie)),
  };
}

/** The DirSync cookie, and whether more changes follow; undefined without the control in the response. */
export function dirSyncResponse(
  controls: readonly ResponseControl[],
): { readonly more: boolean; readonly cookie: Buffer } | undefined {
  const value = valueOf(controls, oids.dirSync);
  if (value === undefined) return undefined;
  const reader = new BerReader(value).inside(tags.sequence);
  const more = reader.integer() !== 0;
  reader.integer();
  return { more, cookie: reader.octets() };
}

/** The 16 bytes of a UUID as text, RFC 4122 section 3: 8-4-4-4-12 digits in lower case. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function valueOf(controls: readonly ResponseControl[], oid: string): Buffer | undefined {
  return controls.find((control) => control.oid === oid)?.value;
}

function optionalCookie(reader: BerReader): Buffer | undefined {
  return reader.peek() === tags.octetString ? reader.octets() : undefined;
}

function optionalBoolean(reader: BerReader, byDefault: boolean): boolean {
  return reader.peek() === tags.boolean ? reader.boolean() : byDefault;
}
