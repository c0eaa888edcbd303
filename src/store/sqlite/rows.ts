import { instant, remoteId, sourceKey, type Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Attributes, JoinedRecord, SourceRecord } from '../../model/record.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';

/** Attributes as JSON with sorted names, so that equal attributes have equal text for any order of columns. */
export function attributesText(attributes: Attributes): string {
  const names = Object.keys(attributes);
  // The rows of a file have them in this order.
  if (names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name)) return JSON.stringify(attributes);
  names.sort();
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, attributes[name]])));
}

/** A row of the table `record`. */
export interface RecordRow {
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly active: number;
  readonly valid_from?: number | null;
  readonly valid_to?: number | null;
  readonly zone?: string | null;
  readonly attributes: string;
  readonly doubt_since?: number | null;
  readonly doubt_line?: number | null;
  readonly doubt_is_absent?: number | null;
  readonly joined?: string | null;
}

/** The columns of the row of `record_in_doubt` of the record `r`, if it has one. */
export const doubtColumns = 'x.since as doubt_since, x.line as doubt_line, x.is_absent as doubt_is_absent';
/** The join for `doubtColumns`. */
export const doubtJoin = 'left join record_in_doubt x on x.record = r.id';

/**
 * Whether it is unknown what the user of the record `r` has in the joined source `s`. While a key change waits, the
 * joined record may have followed the new key, or belong to another person who has the old key now.
 */
const isJoinUnknown = `(
    s.is_unusable
    or exists (
      select 1
      from key_change c
      where c.resource_type = 'User'
        and c.from_key = r.key
        and c.state = 'pending'
    )
  )`;

/**
 * What the user of the record `r` has in joined sources, as JSON; null: nothing. A group of a joined source has the
 * state of that source, if it is unknown.
 */
export const joinedColumn = `iif(r.id < 0, (
  select json_object(s.name, json_array('unknown', null, null, json('{}')))
  from joined_source s
  where s.is_unusable = 1
    and substr(r.key, 1, length(s.name) + 1) = s.name || ':'
), (
  select json_group_object(s.name, json_array(iif(${isJoinUnknown}, 'unknown', j.state), j.value, j.joined_key,
    json(iif(${isJoinUnknown}, '{}', j.attributes))))
  from joined_user j
  join joined_source s on s.id = j.source
  where j.key = r.key
    and r.resource_type = 'User'
  having count(*) > 0
)) as joined`;

type JoinedJson = Readonly<
  Record<string, readonly [state: JoinedRecord['state'], string | null, string | null, Attributes]>
>;

const joinedOf = (text: string): Readonly<Record<string, JoinedRecord>> =>
  Object.fromEntries(
    Object.entries(JSON.parse(text) as JoinedJson).map(([source, [state, value, key, attributes]]) => [
      source,
      { state, value: value ?? undefined, key: key ?? undefined, attributes },
    ]),
  );

/** The record of a row. */
export function toRecord(row: RecordRow): SourceRecord {
  return {
    resourceType: row.resource_type,
    key: sourceKey(row.key),
    active: row.active === 1,
    ...(typeof row.valid_from === 'number' ? { validFrom: instant(row.valid_from) } : {}),
    ...(typeof row.valid_to === 'number' ? { validTo: instant(row.valid_to) } : {}),
    ...(typeof row.zone === 'string' ? { zone: row.zone } : {}),
    attributes: JSON.parse(row.attributes) as Attributes,
    ...(row.doubt_since === undefined || row.doubt_since === null
      ? {}
      : {
          doubt: {
            since: instant(row.doubt_since),
            line: row.doubt_line ?? 0,
            isAbsent: row.doubt_is_absent === 1,
          },
        }),
    ...(typeof row.joined === 'string' ? { joined: joinedOf(row.joined) } : {}),
  };
}

/** A row of the table `account`. */
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
  readonly missing_since: number | null;
  readonly deletion_refused_at: number | null;
  readonly may_have_duplicates: number;
  readonly is_emptied: number;
  readonly unproven_removals: number;
  readonly awaits_start: number;
}

/** The acknowledged state of an account, from its row. */
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
    ...(row.awaits_start === 1 ? { awaitsStart: true } : {}),
    ...(row.in_doubt === null ? {} : { inDoubt: JSON.parse(row.in_doubt) as string[] }),
    ...(row.missing_since === null ? {} : { missingSince: instant(row.missing_since) }),
    ...(row.deletion_refused_at === null ? {} : { deletionRefusedAt: instant(row.deletion_refused_at) }),
    ...(row.may_have_duplicates === 1 ? { mayHaveDuplicates: true } : {}),
    ...(row.is_emptied === 1 ? { isEmptied: true } : {}),
    ...(row.unproven_removals === 0 ? {} : { unprovenRemovals: row.unproven_removals }),
  };
}

/** A nullable column of ms since the epoch as an optional instant. */
export function optionalInstant(value: number | null | undefined): Instant | undefined {
  return value === null || value === undefined ? undefined : instant(value);
}
