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
  const insert = `
    insert into account (
      target, resource_type, key, remote_id, body, name, active, inactive_since, version, manager, origin, in_doubt,
      may_have_duplicates, changed_at, awaits_start
    )
    select :target, :resourceType, :key, :remoteId, :body, :name, :active, :inactiveSince, :version, :manager, :origin,
      :inDoubt, :mayHaveDuplicates, :now, :awaitsStart`;
  const insertNew = db.prepare(`
    ${insert}
    where not exists (
      select 1
      from account
      where target = :target
        and resource_type = :resourceType
        and remote_id = :remoteId
    )
    on conflict (target, resource_type, key) do nothing`);
  const upsert = db.prepare(`
    ${insert}
    where true
    on conflict (target, resource_type, key) do update set remote_id = :remoteId, body = :body, name = :name,
      active = :active, inactive_since = iif(:active = 1, null, coalesce(inactive_since, :inactiveSince)),
      version = :version, manager = :manager, in_doubt = :inDoubt, changed_at = :now, missing_since = null,
      may_have_duplicates = max(may_have_duplicates, :mayHaveDuplicates),
      deletion_refused_at = iif(:active = 1, null, deletion_refused_at),
      awaits_start = iif(:active = 1, 0, iif(missing_since is null, awaits_start, :awaitsStart))`);
  const deleteOrphan = db.prepare('delete from orphan where target = ? and remote_id = ?');

  function write(
    statement: typeof upsert,
    resourceType: ResourceType,
    key: SourceKey,
    account: AccountState,
    now: Instant,
  ): boolean {
    const { changes } = statement.run({
      ...{ target, resourceType, key, now },
      remoteId: account.remoteId,
      body: JSON.stringify(account.body),
      name: foldedName(resourceType, account.body),
      active: account.active ? 1 : 0,
      inactiveSince: account.active ? null : now,
      version: account.version ?? null,
      manager: managerOf(account.body) ?? null,
      origin: account.origin,
      inDoubt: account.inDoubt.length === 0 ? null : JSON.stringify(account.inDoubt),
      mayHaveDuplicates: account.mayHaveDuplicates ? 1 : 0,
      awaitsStart: account.awaitsStart ? 1 : 0,
    });
    if (changes > 0 && resourceType === 'User') deleteOrphan.run(target, account.remoteId);
    return changes > 0;
  }

  return {
    /** Adds the row of a record. @returns false: the record has one, or another record has the account */
    add: (...account: readonly [ResourceType, SourceKey, AccountState, Instant]): boolean =>
      write(insertNew, ...account),
    /** Writes the row of a record in any case. */
    save(...account: readonly [ResourceType, SourceKey, AccountState, Instant]): void {
      write(upsert, ...account);
    },
  };
}
