import { instant, remoteId, sourceKey, type Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Attributes, SourceRecord } from '../../model/record.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';

/** Attributes as text in one order of names, so that equal attributes are equal text whatever order the columns stood in. */
export function attributesText(attributes: Attributes): string {
  const names = Object.keys(attributes).sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, attributes[name]])));
}

export interface RecordRow {
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly active: number;
  readonly attributes: string;
}

export function toRecord(row: RecordRow): SourceRecord {
  return {
    resourceType: row.resource_type,
    key: sourceKey(row.key),
    active: row.active === 1,
    attributes: JSON.parse(row.attributes) as Attributes,
  };
}

export interface AccountRow {
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly remote_id: string;
  readonly body: string;
  readonly active: number;
  readonly inactive_since: number | null;
  readonly version: string | null;
  readonly origin: 'created' | 'adopted';
  readonly in_doubt: string | null;
}

export function toKnown(row: AccountRow): KnownState {
  return {
    resourceType: row.resource_type,
    key: sourceKey(row.key),
    remoteId: remoteId(row.remote_id),
    body: JSON.parse(row.body) as FlatResource,
    active: row.active === 1,
    ...(row.inactive_since === null ? {} : { inactiveSince: instant(row.inactive_since) }),
    ...(row.version === null ? {} : { version: row.version }),
    origin: row.origin,
    ...(row.in_doubt === null ? {} : { inDoubt: JSON.parse(row.in_doubt) as string[] }),
  };
}

export function optionalInstant(value: number | null | undefined): Instant | undefined {
  return value === null || value === undefined ? undefined : instant(value);
}
