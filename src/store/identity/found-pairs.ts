import type { Instant } from '../../model/ids.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import type { BitSet } from '../mirror/bit-set.ts';
import type { StagedUsers } from './key-change-candidates.ts';
import { relinkKeys } from './relink.ts';

/** An old and a new record that a reading pairs, and the id of the old one in the mirror. */
export interface FoundPair {
  readonly from: string;
  readonly to: string;
  readonly id: number;
  /** 1: the mirror holds the old record; 0: it left in an earlier reading. */
  readonly isPresent: number;
}

const pairTables = { User: 'key_pair', Group: 'group_pair' } as const;

/** The pairs that were found last. */
export function foundPairs(db: Db, resourceType: ResourceType): readonly FoundPair[] {
  return db
    .prepare(
      `
      select p.from_key as "from", p.to_key as "to", r.id, r.removed_in is null as isPresent
      from ${pairTables[resourceType]} p
      cross join record r on r.resource_type = ?
        and r.key = p.from_key`,
    )
    .all(resourceType) as FoundPair[];
}

/**
 * Lets the pairs wait for an operator. A complete reading decides which pairs there are; the targets compare a record
 * that does not wait any more, because they got nothing that its key decides.
 */
export function recordFoundPairs(db: Db, resourceType: ResourceType, extent: StagedUsers['extent'], at: Instant): void {
  const table = pairTables[resourceType];
  if (extent === 'full') {
    const isSettled = `
      resource_type = :resourceType
        and state = 'pending'
        and (from_key, to_key) not in (select from_key, to_key from ${table})`;
    db.prepare(
      `
      update record
      set changed_in = 1 + (select coalesce(max(number), 0) from reading)
      where resource_type = :resourceType
        and key in (select from_key from key_change where ${isSettled})`,
    ).run({ resourceType });
    db.prepare(`delete from key_change where ${isSettled}`).run({ resourceType });
    // The reading took it into account.
    db.prepare(`delete from key_change where resource_type = ? and state = 'same'`).run(resourceType);
  }
  db.prepare(
    `
    insert into key_change (resource_type, from_key, to_key, name, reason, since)
    select :resourceType, from_key, to_key, name, reason, :at
    from ${table}
    where true
    on conflict (resource_type, from_key, to_key) do update
      set name = excluded.name, reason = excluded.reason, state = 'pending'`,
  ).run({ resourceType, at });
}

/** Moves accounts and history of the pairs to their new keys. The staged rows of the new keys then belong to them. */
export function relinkPairs(
  db: Db,
  resourceType: ResourceType,
  pairs: readonly FoundPair[],
  seenRecords: BitSet,
  at: Instant,
): void {
  relinkKeys(db, pairs, at, resourceType);
  const unstageRemoval = db.prepare('delete from staged_removed where resource_type = ? and key = ?');
  for (const { id, from } of pairs) {
    seenRecords.add(id);
    unstageRemoval.run(resourceType, from);
  }
}
