import { remoteId, sourceKey, type SourceKey } from '../../model/ids.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { accountColumns } from '../snapshot/account-columns.ts';
import { toKnown, type AccountRow } from '../sqlite/rows.ts';
import type { DriftPosition } from '../../model/target/drift.ts';
import type { AccountPage, DriftStore } from './drift-interface.ts';

/** The columns of an account row in a join. */
const ofAccount = accountColumns.replace(/\w+/g, 'a.$&');

type NumberedRow = AccountRow & { readonly id: number };

/**
 * Whether nothing of the account `a` is in doubt. What is planned again may differ, too, but the account of a leaver
 * that is active again differs whatever is planned.
 */
const isComparable = `
  a.missing_since is null
  and a.in_doubt is null
  and a.unproven_removals = 0
  and not exists (
    select 1
    from verification v
    where v.target = a.target
      and v.resource_type = a.resource_type
      and v.key = a.key
      and v.is_seen = 0
  )
  and (
    a.inactive_since is not null
    or not exists (
      select 1
      from requeue q
      where q.target = a.target
        and q.resource_type = a.resource_type
        and q.key = a.key
    )
  )`;

/** Opens the accounts of one target in the order in which a check reads them, and how far it is through. */
export function openDriftAccounts(
  db: Db,
  commits: GroupCommit,
  target: number,
): Omit<DriftStore, 'record' | 'markRepaired' | 'open' | 'openOf' | 'closeGone' | 'closeDuplicates'> {
  const selectPosition = db.prepare('select position from drift_check where target = ?').pluck();
  const upsertPosition = db.prepare('insert or replace into drift_check (target, position) values (?, ?)');
  const deleteSeen = db.prepare('delete from drift_seen where target = ?');
  const insertSeen = db.prepare(`
    insert or ignore into drift_seen (target, account)
    select target, id
    from account
    where target = ? and resource_type = ? and key = ?`);
  const selectByIds = db.prepare(`
    select ${accountColumns}
    from account
    where target = ?
      and resource_type = ?
      and missing_since is null
      and remote_id in (select value from json_each(?))`);
  const selectUnseen = db.prepare(`
    select id, ${accountColumns}
    from account a
    where target = :target
      and resource_type = :resourceType
      and id > :after
      and not exists (select 1 from drift_seen s where s.target = a.target and s.account = a.id)
      and ${isComparable}
    order by id
    limit :limit`);
  const selectLeavers = db.prepare(`
    select id, ${accountColumns}
    from account a
    where target = :target
      and resource_type = 'User'
      and inactive_since >= :since
      and id > :after
      and ${isComparable}
    order by id
    limit :limit`);
  const selectComparable = db
    .prepare(`select 1 from account a where target = ? and resource_type = ? and key = ? and ${isComparable}`)
    .pluck();
  const selectPending = db
    .prepare('select member_key from requeue_membership where target = ? and group_key = ?')
    .pluck();
  const selectEnded = db.prepare(`
    select r.value ->> 0 as resource_type, r.value ->> 1 as key
    from json_each(:members) r
    where (
      select m.removed
      from operation_member m indexed by operation_member_by_key
      join operation o on o.id = m.operation
      where m.key = r.value ->> 1
        and m.resource_type = r.value ->> 0
        and o.target = :target
        and o.key = :group
        and o.state = 'done'
      order by o.id desc
      limit 1
    ) = 1`);
  const toPage = (rows: readonly NumberedRow[]): AccountPage => ({ page: rows.map(toKnown), next: rows.at(-1)?.id });

  return {
    async position() {
      const text = selectPosition.get(target) as string | undefined;
      return text === undefined ? undefined : (JSON.parse(text) as DriftPosition);
    },
    savePosition: (position) =>
      commits.write(() => {
        upsertPosition.run(target, JSON.stringify(position));
      }),
    beginCheck: () =>
      commits.write(() => {
        deleteSeen.run(target);
      }),
    knownByIds(resourceType, ids) {
      const rows = selectByIds.all(target, resourceType, JSON.stringify(ids)) as AccountRow[];
      return new Map(rows.map((row) => [remoteId(row.remote_id), toKnown(row)]));
    },
    markSeen: (accounts) =>
      commits.write(() => {
        for (const { resourceType, key } of accounts) insertSeen.run(target, resourceType, key);
      }),
    unseen: (resourceType, after, limit) =>
      toPage(selectUnseen.all({ target, resourceType, after, limit }) as NumberedRow[]),
    leavers: (since, after, limit) => toPage(selectLeavers.all({ target, since, after, limit }) as NumberedRow[]),
    isComparable: ({ resourceType, key }) => selectComparable.get(target, resourceType, key) === 1,
    pendingMembers: (group) => new Set((selectPending.all(target, group) as string[]).map(sourceKey)),
    endedMembers(group, members) {
      const json = JSON.stringify(members.map(({ resourceType, key }) => [resourceType, key]));
      const rows = selectEnded.all({ target, group, members: json }) as { resource_type: ResourceType; key: string }[];
      return new Set(
        rows.map(({ resource_type: resourceType, key }): RecordKey =>
          recordKey({ resourceType, key: key as SourceKey }),
        ),
      );
    },
    duplicates() {
      // The externalId may be another attribute than the key, so all accounts are compared once, by an index of the
      // few that were listed.
      const rows = db
        .prepare(
          `
          select ${ofAccount}, l.found
          from account a
          cross join listing_cache l on l.target = a.target
            and l.resource_type = 'User'
            and l.external_id = json_extract(a.body, '$.externalId')
          where a.target = :target
            and a.resource_type = 'User'
            and a.missing_since is null
            and l.remote_id <> a.remote_id
          union
          select ${ofAccount}, l.found
          from listing_cache l
          cross join account a on a.target = l.target and a.resource_type = 'User' and a.name = l.name
          where l.target = :target
            and l.resource_type = 'User'
            and l.name <> ''
            and a.missing_since is null
            and l.remote_id <> a.remote_id`,
        )
        .all({ target }) as (AccountRow & { readonly found: string })[];
      return rows.map((row) => {
        const { remoteId: id, active } = JSON.parse(row.found) as RemoteResource;
        return { known: toKnown(row), remoteId: id, isActive: active };
      });
    },
  };
}
