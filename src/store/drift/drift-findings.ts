import type { Drift } from '../../model/target/drift.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import type { DriftStore } from './drift-interface.ts';
import { driftColumns, toDriftRecord, type DriftRow } from './drift-rows.ts';

/** Opens what differs at one target. */
export function openDriftFindings(
  db: Db,
  commits: GroupCommit,
  target: number,
): Pick<DriftStore, 'record' | 'markRepaired' | 'open' | 'openOf' | 'closeGone' | 'closeDuplicates'> {
  const selectOpen = db.prepare(`
    select ${driftColumns}
    from drift d
    join target t on t.id = d.target
    where d.target = ?
      and d.closed_at is null
      and d.id > ?
    order by d.id
    limit ?`);
  const selectOpenOf = db.prepare(`
    select ${driftColumns}
    from drift d
    join target t on t.id = d.target
    where d.target = :target
      and d.resource_type = :resourceType
      and d.key = :key
      and d.closed_at is null
    order by d.id`);
  const insert = db.prepare(`
    insert into drift (
      target, difference, resource_type, key, name, remote_id, path, member_id, member_type, member_key, acknowledged,
      shown, policy, held, found_at, seen_at
    )
    values (
      :target, :kind, :resourceType, :key, :name, :remoteId, :path, :memberId, :memberType, :memberKey, :acknowledged,
      :shown, :policy, :held, :at, :at
    )`);
  const update = db.prepare(`
    update drift
    set name = :name, acknowledged = :acknowledged, shown = :shown, policy = :policy, held = :held, seen_at = :at,
      member_type = :memberType, member_key = :memberKey
    where id = :id`);
  const close = db.prepare('update drift set closed_at = ? where id = ?');
  const updateRepaired = db.prepare(`
    update drift
    set repair_at = :at
    where target = :target
      and resource_type = :resourceType
      and key = :key
      and policy = 'repair'
      and held is null
      and closed_at is null`);
  const updateGone = db.prepare(`
    update drift
    set closed_at = :at
    where target = :target
      and closed_at is null
      and not exists (
        select 1
        from account a
        where a.target = drift.target
          and a.resource_type = drift.resource_type
          and a.key = drift.key
          and (a.missing_since is null or a.inactive_since is null)
      )`);
  const updateDuplicates = db.prepare(`
    update drift
    set closed_at = :at
    where target = :target
      and difference = 'twin'
      and closed_at is null
      and seen_at < :before`);

  return {
    async record({ resourceType, key }, kinds, found, at) {
      const account = { target, resourceType, key };
      await commits.write(() => {
        const open = (selectOpenOf.all(account) as DriftRow[]).filter(({ difference }) => kinds.includes(difference));
        const rest = new Map(open.map((row) => [identityOf(toDriftRecord(row)), row.id]));
        for (const drift of found) {
          const identity = identityOf(drift);
          const id = rest.get(identity);
          rest.delete(identity);
          const values = valuesOf(drift);
          if (id === undefined) insert.run({ ...account, ...values, at });
          else update.run({ ...values, id, at });
        }
        for (const id of rest.values()) close.run(at, id);
      });
      return openOf({ resourceType, key }).filter(({ kind }) => kinds.includes(kind));
    },
    markRepaired: (accounts, at) =>
      commits.write(() => {
        for (const { resourceType, key } of accounts) updateRepaired.run({ target, resourceType, key, at });
      }),
    open(limit, afterId) {
      const rows = selectOpen.all(target, afterId, limit) as DriftRow[];
      return { page: rows.map(toDriftRecord), next: rows.at(-1)?.id };
    },
    openOf,
    closeGone: (at) =>
      commits.write(() => {
        updateGone.run({ target, at });
      }),
    closeDuplicates: (before, at) =>
      commits.write(() => {
        updateDuplicates.run({ target, before, at });
      }),
  };

  function openOf({ resourceType, key }: Pick<Drift, 'resourceType' | 'key'>) {
    return (selectOpenOf.all({ target, resourceType, key }) as DriftRow[]).map(toDriftRecord);
  }
}

/** Two checks find the same difference if these are equal. */
const identityOf = ({ kind, path, remoteId, member }: Drift): string =>
  JSON.stringify([kind, path, kind === 'twin' ? remoteId : '', member?.id ?? '']);

const valuesOf = (drift: Drift) => ({
  kind: drift.kind,
  name: drift.name,
  remoteId: drift.remoteId,
  path: drift.path,
  memberId: drift.member?.id ?? '',
  memberType: drift.member?.owner?.resourceType ?? null,
  memberKey: drift.member?.owner?.key ?? null,
  acknowledged: JSON.stringify(drift.acknowledged),
  shown: JSON.stringify(drift.shown),
  policy: drift.policy,
  held: drift.held ?? null,
});
