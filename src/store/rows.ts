import { instant, remoteId, sourceKey, type Instant } from '../model/ids.ts';
import type { Kind } from '../model/kind.ts';
import type { Attributes, SourceRecord } from '../model/record.ts';
import type { Body, Known } from '../model/resource.ts';

/** Attributes as text in one order of names, so that equal attributes are equal text whatever order the columns stood in. */
export function attributesText(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, attributes[name]])));
}

export interface RecordRow {
  readonly kind: Kind;
  readonly key: string;
  readonly active: number;
  readonly attributes: string;
}

export function toRecord(row: RecordRow): SourceRecord {
  return {
    kind: row.kind,
    key: sourceKey(row.key),
    active: row.active === 1,
    attributes: JSON.parse(row.attributes) as Attributes,
  };
}

export interface AccountRow {
  readonly kind: Kind;
  readonly key: string;
  readonly remote_id: string;
  readonly body: string;
  readonly active: number;
  readonly inactive_since: number | null;
  readonly version: string | null;
  readonly origin: 'created' | 'adopted';
  readonly doubtful: string | null;
}

export function toKnown(row: AccountRow): Known {
  return {
    kind: row.kind,
    key: sourceKey(row.key),
    remoteId: remoteId(row.remote_id),
    body: JSON.parse(row.body) as Body,
    active: row.active === 1,
    ...(row.inactive_since === null ? {} : { inactiveSince: instant(row.inactive_since) }),
    ...(row.version === null ? {} : { version: row.version }),
    origin: row.origin,
    ...(row.doubtful === null ? {} : { doubtful: JSON.parse(row.doubtful) as string[] }),
  };
}

export function optionalInstant(value: number | null | undefined): Instant | undefined {
  return value === null || value === undefined ? undefined : instant(value);
}
