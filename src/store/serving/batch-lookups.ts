import { remoteId, sourceKey, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { Member } from '../../model/operation.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import type { KnownState } from '../../model/resource.ts';

/**
 * What operations need before they are sent, with one statement for many records. Records without a value are not in
 * the result.
 */
export interface BatchLookups {
  /** Active users at the target that this pass does not change, and whose accounts should be there. */
  controlAccounts(pass: number, limit: number): readonly KnownState[];
  knownStates(records: readonly Member[]): ReadonlyMap<RecordKey, KnownState>;
  remoteIds(records: readonly Member[]): ReadonlyMap<RecordKey, RemoteId>;
  /** Records whose create was sent in an earlier pass and got no response. */
  createsInDoubt(records: readonly Member[]): ReadonlySet<RecordKey>;
  /** Memberships in doubt, by an earlier request for the same change that got no proof of its effect. */
  membershipsInDoubt(group: SourceKey, members: readonly Member[], isRemoval: boolean): ReadonlySet<RecordKey>;
  /** The members that the target acknowledged and that are not in doubt. */
  existingMembers(group: SourceKey, members: readonly Member[]): ReadonlySet<RecordKey>;
  /** Ids of some acknowledged members of a group, at most `limit`. */
  someMembers(group: SourceKey, limit: number): readonly RemoteId[];
  /** All acknowledged members of a group that have an account. */
  membersWithIds(group: SourceKey): readonly { readonly member: Member; readonly id: RemoteId }[];
}

interface RecordRow {
  readonly resource_type: ResourceType;
  readonly key: string;
}

/** Prepares lookups that handle many records per statement. The statements get them as JSON: `[["User","4711"], …]`. */
export function openBatchLookups(db: Db, target: number): BatchLookups {
  const records = `json_each(:records) r cross join`;
  const ofRecord = (table: string): string =>
    `${table}.target = :target and ${table}.resource_type = r.value ->> 0 and ${table}.key = r.value ->> 1`;
  const selectKnown = db.prepare(
    `select a.resource_type, a.key, a.remote_id, a.body, a.active, a.inactive_since, a.version, a.origin, a.in_doubt,
      a.missing_since, a.deletion_refused_at, a.may_have_duplicates, a.is_emptied, a.unproven_removals,
      a.awaits_start
    from ${records} account a on ${ofRecord('a')}`,
  );
  const selectIds = db.prepare(
    `select a.resource_type, a.key, a.remote_id from ${records} account a on ${ofRecord('a')}
    where a.missing_since is null`,
  );
  const selectCreatesInDoubt = db.prepare(
    `select q.resource_type, q.key from ${records} requeue q on ${ofRecord('q')} where q.verify_first = 1`,
  );
  const selectMembers = db.prepare(
    `select m.member_type as resource_type, m.member_key as key from ${records} membership m
    on m.target = :target and m.group_key = :group and m.member_type = r.value ->> 0 and m.member_key = r.value ->> 1
    where not exists (select 1 from requeue_membership d
      where d.target = m.target and d.group_key = m.group_key and d.member_key = m.member_key and d.in_doubt = 1)`,
  );
  // A target may carry out an older request for the opposite change later, so that one proves nothing.
  const selectMembershipsInDoubt = db.prepare(`
    select r.value ->> 0 as resource_type, q.member_key as key
    from ${records} requeue_membership q on q.target = :target and q.group_key = :group and q.member_key = r.value ->> 1
    where q.in_doubt = 1
      and (
        select m.removed = :removed and o.state in ('failed', 'unknown') and o.requests > 0
        from operation_member m indexed by operation_member_by_key
        join operation o on o.id = m.operation
        where m.key = q.member_key
          and m.resource_type = r.value ->> 0
          and o.target = :target
          and o.key = :group
          and o.state in ('done', 'failed', 'unknown')
        order by o.id desc
        limit 1
      )`);
  const selectHasMembers = db.prepare('select 1 from membership where target = ? and group_key = ? limit 1').pluck();
  const selectAnyInDoubt = db
    .prepare('select 1 from requeue_membership where target = ? and in_doubt = 1 limit 1')
    .pluck();
  const selectAllMembers = db.prepare(
    `select a.resource_type, a.key, a.remote_id from membership m
    join account a on a.target = m.target and a.resource_type = m.member_type and a.key = m.member_key
    where m.target = ? and m.group_key = ?`,
  );

  const selectControls = db.prepare(`
    select resource_type, key, remote_id, body, active, inactive_since, version, origin, in_doubt, missing_since,
      deletion_refused_at, may_have_duplicates, is_emptied, unproven_removals, awaits_start
    from account
    where target = ?
      and resource_type = 'User'
      and active = 1
      and missing_since is null
      and in_doubt is null
      and not exists (
        select 1
        from operation o indexed by operation_by_key
        where o.key = account.key
          and o.resource_type = 'User'
          and o.target = account.target
          and o.pass = ?
      )
    limit ?`);
  const selectSomeMembers = db
    .prepare(
      `select a.remote_id from membership m
    join account a on a.target = m.target and a.resource_type = m.member_type and a.key = m.member_key
    where m.target = ? and m.group_key = ? and a.missing_since is null limit ?`,
    )
    .pluck();

  return {
    knownStates(wanted) {
      const rows = selectKnown.all({ target, records: toJson(wanted) }) as AccountRow[];
      return new Map(rows.map(toKnown).map((known) => [recordKey(known), known]));
    },
    remoteIds(wanted) {
      const rows = selectIds.all({ target, records: toJson(wanted) }) as (RecordRow & { remote_id: string })[];
      return new Map(rows.map((row): [RecordKey, RemoteId] => [recordKey(toMember(row)), remoteId(row.remote_id)]));
    },
    createsInDoubt: (wanted) => toKeys(selectCreatesInDoubt.all({ target, records: toJson(wanted) }) as RecordRow[]),
    membershipsInDoubt(group, wanted, isRemoval) {
      // Most passes have no membership in doubt, and a first load asks for each of its memberships.
      if (selectAnyInDoubt.get(target) === undefined) return new Set();
      const parameters = { target, group, removed: Number(isRemoval), records: toJson(wanted) };
      return toKeys(selectMembershipsInDoubt.all(parameters) as RecordRow[]);
    },
    existingMembers(group, wanted) {
      // A first load asks for the members of groups that have none yet.
      if (selectHasMembers.get(target, group) === undefined) return new Set();
      return toKeys(selectMembers.all({ target, group, records: toJson(wanted) }) as RecordRow[]);
    },
    controlAccounts: (pass, limit) => (selectControls.all(target, pass, limit) as AccountRow[]).map(toKnown),
    someMembers: (group, limit) => (selectSomeMembers.all(target, group, limit) as string[]).map(remoteId),
    membersWithIds: (group: SourceKey) =>
      (selectAllMembers.all(target, group) as (RecordRow & { remote_id: string })[]).map((row) => ({
        member: toMember(row),
        id: remoteId(row.remote_id),
      })),
  };
}

const toJson = (records: readonly Member[]): string =>
  JSON.stringify(records.map(({ resourceType, key }) => [resourceType, key]));

const toMember = ({ resource_type, key }: RecordRow): Member => ({
  resourceType: resource_type,
  key: sourceKey(key),
});

const toKeys = (rows: readonly RecordRow[]): ReadonlySet<RecordKey> =>
  new Set(rows.map((row) => recordKey(toMember(row))));
