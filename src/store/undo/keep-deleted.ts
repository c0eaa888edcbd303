import type { SnapshotChange } from '../../model/outcome.ts';
import type { Db } from '../database.ts';
import type { StoredOperation } from '../store.ts';

/** Keeps what a deletion that a target acknowledged takes out of the snapshot, so that `undo` can bring it back. */
export function openKeepDeleted(db: Db, target: number): (stored: StoredOperation, change: SnapshotChange) => void {
  const keepAccount = db.prepare(`
    insert or ignore into deleted_account (operation, body)
    select :operation, body
    from account
    where target = :target
      and resource_type = :resourceType
      and key = :key
      and missing_since is null`);
  const keepMembersOf = db.prepare(`
    insert or ignore into deleted_membership (operation, group_key, member_type, member_key)
    select :operation, group_key, member_type, member_key
    from membership
    where target = :target
      and group_key = :key`);
  const keepMembershipsOf = db.prepare(`
    insert or ignore into deleted_membership (operation, group_key, member_type, member_key)
    select :operation, group_key, member_type, member_key
    from membership
    where target = :target
      and member_type = :resourceType
      and member_key = :key`);
  return ({ id: operation, operation: { action, resourceType, key } }, { kind }) => {
    if (action !== 'delete' || (kind !== 'forget' && kind !== 'members')) return;
    if (kind === 'forget') {
      keepAccount.run({ operation, target, resourceType, key });
      keepMembershipsOf.run({ operation, target, resourceType, key });
    }
    if (resourceType === 'Group') keepMembersOf.run({ operation, target, key });
  };
}
