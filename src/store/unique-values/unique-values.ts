import { sourceKey } from '../../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import { foldUnique, type UniqueValue } from '../../model/target/unique-value.ts';
import type { Db } from '../database.ts';
import type {
  UniqueValueLookups,
  UniqueValues,
  ValueHolder,
  ValueOwner,
  WaitingForValue,
} from './unique-values-interface.ts';

const tables = `
  create temp table if not exists waiting_for_value (
    resource_type text not null, key_length integer not null, key text not null, path text not null,
    candidates text not null, external_id text, primary key (resource_type, key_length, key, path)) without rowid;`;

interface WaitingRow {
  readonly resource_type: ResourceType;
  readonly key: string;
  readonly path: string;
  readonly candidates: string;
  readonly external_id: string | null;
}

/** Opens the look-ups of one target. */
export function openUniqueValueLookups(db: Db, target: number): UniqueValueLookups {
  const selectValues = db.prepare(
    'select path, value from unique_value where target = ? and resource_type = ? and key = ?',
  );
  const selectOwner = db
    .prepare('select key from unique_value where target = ? and resource_type = ? and path = ? and folded = ?')
    .pluck();
  const selectAccount = db
    .prepare(
      `
      select key
      from account
      where target = ?
        and resource_type = ?
        and name = ?
        and key <> ?
        and missing_since is null
      limit 1`,
    )
    .pluck();
  const selectOrphan = db
    .prepare(
      `
      select remote_id
      from orphan
      where target = ?
        and name = ?
        and external_id is not null
        and lower(external_id) <> ?
      limit 1`,
    )
    .pluck();
  const selectRefused = db
    .prepare(
      `
      select 1
      from refused_value
      where target = ?
        and resource_type = ?
        and key = ?
        and path = ?
        and folded = ?`,
    )
    .pluck();
  const ownerOf: UniqueValues['ownerOf'] = (resourceType, { path, value }) => {
    const key = selectOwner.get(target, resourceType, path, foldUnique(value)) as string | undefined;
    return key === undefined ? undefined : sourceKey(key);
  };
  /** The snapshot and the list of orphans know accounts by their names only. */
  const holderOfName = (
    { resourceType, key }: ValueOwner,
    name: string,
    externalId: string | undefined,
  ): ValueHolder | undefined => {
    const account = selectAccount.get(target, resourceType, name, key) as string | undefined;
    if (account !== undefined) return { kind: 'record', key: sourceKey(account) };
    if (resourceType === 'Group') return undefined;
    const id = selectOrphan.get(target, name, externalId?.toLowerCase() ?? '') as string | undefined;
    return id === undefined ? undefined : { kind: 'account', id };
  };
  return {
    of({ resourceType, key }) {
      const rows = selectValues.all(target, resourceType, key) as { path: string; value: string }[];
      return Object.fromEntries(rows.map(({ path, value }) => [path, value]));
    },
    ownerOf,
    holderOf(owner, value, externalId) {
      const { resourceType, key } = owner;
      const assignedTo = ownerOf(resourceType, value);
      if (assignedTo !== undefined) return assignedTo === key ? undefined : { kind: 'record', key: assignedTo };
      const folded = foldUnique(value.value);
      if (selectRefused.get(target, resourceType, key, value.path, folded) !== undefined) return { kind: 'target' };
      return value.path === uniqueNameAttribute(resourceType) ? holderOfName(owner, folded, externalId) : undefined;
    },
  };
}

/** Opens the unique values of one target. */
export function openUniqueValues(db: Db, target: number): UniqueValues {
  db.exec(tables);
  const upsert = db.prepare(`
    insert into unique_value (target, resource_type, key, path, value, folded)
    values (?, ?, ?, ?, ?, ?)
    on conflict (target, resource_type, key, path) do update set value = excluded.value, folded = excluded.folded`);
  const deleteOf = db.prepare(
    'delete from unique_value where target = ? and resource_type = ? and key = ? and path = coalesce(?, path)',
  );
  const deleteRefused = db.prepare('delete from refused_value where target = ? and resource_type = ? and key = ?');
  const deleteExpired = db.prepare('delete from refused_value where target = ? and refused_at < ?');
  const deleteOther = db.prepare(`
    delete from unique_value
    where target = :target
      and resource_type = :resourceType
      and path not in (select value from json_each(:paths))`);
  // A full planning does not visit these records. A create in doubt may have made an account.
  const deleteOfLeavers = db.prepare(`
    delete from unique_value as u
    where target = :target
      and not exists (
        select 1 from record r where r.resource_type = u.resource_type and r.key = u.key and r.removed_in is null
      )
      and not exists (
        select 1 from account a where a.target = u.target and a.resource_type = u.resource_type and a.key = u.key
      )
      and not exists (
        select 1
        from requeue q
        where q.target = u.target
          and q.resource_type = u.resource_type
          and q.key = u.key
          and q.verify_first = 1
      )`);
  const selectUnowned = db.prepare(
    'select 1 from orphan where target = ? and name = ? and external_id is null limit 1',
  );
  const insertWaiting = db.prepare('insert or replace into waiting_for_value values (?, ?, ?, ?, ?, ?)');
  const selectWaiting = db.prepare(`
    select *
    from waiting_for_value
    where (resource_type, key_length, key, path) > (?, ?, ?, ?)
    order by resource_type, key_length, key, path
    limit ?`);
  return {
    ...openUniqueValueLookups(db, target),
    hasUnownedAccount: ({ resourceType }, { path, value }) =>
      resourceType === 'User' &&
      path === uniqueNameAttribute(resourceType) &&
      selectUnowned.get(target, foldUnique(value)) !== undefined,
    assign({ resourceType, key }, { path, value }: UniqueValue) {
      upsert.run(target, resourceType, key, path, value, foldUnique(value));
    },
    release({ resourceType, key }, path) {
      deleteOf.run(target, resourceType, key, path ?? null);
      if (path === undefined) deleteRefused.run(target, resourceType, key);
    },
    retain(paths, refusedSince) {
      for (const resourceType of ['User', 'Group'] as const)
        deleteOther.run({ target, resourceType, paths: JSON.stringify(paths[resourceType]) });
      deleteOfLeavers.run({ target });
      deleteExpired.run(target, refusedSince);
    },
    clearWaiting() {
      db.exec('delete from waiting_for_value');
    },
    addWaiting({ resourceType, key, path, values, externalId }) {
      insertWaiting.run(resourceType, key.length, key, path, JSON.stringify(values), externalId ?? null);
    },
    waiting(after, limit) {
      const { resourceType = '', key = '', path = '' } = after ?? {};
      return (selectWaiting.all(resourceType, key.length, key, path, limit) as WaitingRow[]).map(toWaiting);
    },
  };
}

const toWaiting = (row: WaitingRow): WaitingForValue => ({
  resourceType: row.resource_type,
  key: sourceKey(row.key),
  path: row.path,
  values: JSON.parse(row.candidates) as string[],
  externalId: row.external_id ?? undefined,
});
