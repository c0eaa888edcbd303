import type { Instant, RemoteId, SourceKey } from '../../model/ids.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { foldedName, managerOf } from './account-columns.ts';

/** What a row of the table `account` gets after a response. */
export interface AccountState {
  readonly remoteId: RemoteId;
  readonly body: FlatResource;
  readonly active: boolean;
  readonly version: string | undefined;
  readonly origin: KnownState['origin'];
  readonly inDoubt: readonly string[];
  readonly mayHaveDuplicates: boolean;
  readonly awaitsStart: boolean;
}

/** Writes rows of the table `account` of one target. */
export function openAccountRows(db: Db, target: number) {
  // Positions, not names: binding fifteen names costs as much as a third of the statement.
  const insert = `
    insert into account (
      target, resource_type, key, remote_id, body, name, active, inactive_since, version, manager, origin, in_doubt,
      may_have_duplicates, changed_at, awaits_start
    )
    values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (target, resource_type, key)`;
  const insertNew = db.prepare(`${insert} do nothing`);
  const upsert = db.prepare(`
    ${insert} do update set remote_id = excluded.remote_id, body = excluded.body, name = excluded.name,
      active = excluded.active,
      inactive_since = iif(excluded.active = 1, null, coalesce(inactive_since, excluded.inactive_since)),
      version = excluded.version, manager = excluded.manager, in_doubt = excluded.in_doubt,
      changed_at = excluded.changed_at, missing_since = null,
      may_have_duplicates = max(may_have_duplicates, excluded.may_have_duplicates),
      deletion_refused_at = iif(excluded.active = 1, null, deletion_refused_at),
      awaits_start = iif(excluded.active = 1, 0, iif(missing_since is null, awaits_start, excluded.awaits_start))`);
  const deleteOrphan = db.prepare('delete from orphan where target = ? and remote_id = ?');

  function write(
    statement: typeof upsert,
    resourceType: ResourceType,
    key: SourceKey,
    account: AccountState,
    now: Instant,
  ): boolean {
    const { remoteId, body, active, version, origin, inDoubt, mayHaveDuplicates, awaitsStart } = account;
    const { changes } = statement.run(
      ...[target, resourceType, key, remoteId, JSON.stringify(body), foldedName(resourceType, body)],
      ...[active ? 1 : 0, active ? null : now, version ?? null, managerOf(body) ?? null, origin],
      ...[inDoubt.length === 0 ? null : JSON.stringify(inDoubt), mayHaveDuplicates ? 1 : 0, now, awaitsStart ? 1 : 0],
    );
    if (changes > 0 && resourceType === 'User') deleteOrphan.run(target, account.remoteId);
    return changes > 0;
  }

  return {
    /** Adds the row of a record. @returns false: the record has one */
    add: (...account: readonly [ResourceType, SourceKey, AccountState, Instant]): boolean =>
      write(insertNew, ...account),
    /** Writes the row of a record in any case. */
    save(...account: readonly [ResourceType, SourceKey, AccountState, Instant]): void {
      write(upsert, ...account);
    },
  };
}
