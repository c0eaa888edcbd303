import { prefixOf, hasMirrorTables, withPrefix } from '../joined/mirror-tables.ts';
import type { Db } from '../database.ts';
import type { RetentionStep } from './retention-interface.ts';

/** Tombstones that one slice looks at: some milliseconds. */
const rowsPerSlice = 400;

/** A statement that selects a page of tombstones up to a reading, and whether each of them is needed. */
interface Tombstones {
  readonly select: string;
  readonly remove: string;
}

/** @param needs what still needs the row `r` of the table: a select that returns something */
function tombstonesOf(table: 'record' | 'source_membership', needs: readonly string[]): Tombstones {
  const isNeeded = needs.map((select) => `exists (${select})`).join(' or ');
  return {
    select: `
      select r.id, r.removed_in as removed, ${isNeeded} as isNeeded
      from ${table} r indexed by ${table}_by_removal
      where r.removed_in <= :reading
        and (r.removed_in, r.id) > (:after, :afterId)
      order by r.removed_in, r.id
      limit ${rowsPerSlice}`,
    remove: `delete from ${table} where id = ?`,
  };
}

/** Of the primary source: while an account, a membership or a requeue of any target refers to it. */
const ofPrimary: readonly Tombstones[] = [
  tombstonesOf('record', [
    `select 1 from target t join account a on a.target = t.id and a.resource_type = r.resource_type and a.key = r.key`,
    `select 1 from target t join requeue q on q.target = t.id and q.resource_type = r.resource_type and q.key = r.key`,
    `select 1 from target t join membership m on m.target = t.id and m.group_key = r.key`,
    `select 1 from freeze f where f.key = r.key and f.ended is null`,
    `select 1 from key_change k where k.from_key = r.key or k.to_key = r.key`,
    `select 1 from handle_owner h where h.record = r.id`,
    `select 1 from reference f where f.record = r.id`,
    `select 1 from record_in_doubt d where d.record = r.id`,
    `select 1 from source_membership s where s.group_key = r.key`,
    `select 1 from source_membership s where s.member_key = r.key`,
  ]),
  tombstonesOf('source_membership', [
    `select 1 from target t join membership m on m.target = t.id
      and m.group_key = r.group_key and m.member_key = r.member_key`,
    `select 1 from target t join requeue_membership q on q.target = t.id
      and q.group_key = r.group_key and q.member_key = r.member_key`,
    `select 1 from membership_in_doubt d where d.membership = r.id`,
  ]),
];

/** Of a joined source: until its rows were joined with the users. */
const ofJoined: readonly Tombstones[] = [
  tombstonesOf('record', [
    `select 1 from handle_owner h where h.record = r.id`,
    `select 1 from reference f where f.record = r.id`,
    `select 1 from record_in_doubt d where d.record = r.id`,
  ]),
  tombstonesOf('source_membership', [`select 1 from membership_in_doubt d where d.membership = r.id`]),
];

interface Row {
  readonly id: number;
  readonly removed: number;
  readonly isNeeded: number;
}

/**
 * Removes the records and memberships that left the source, once every target has planned the reading in which they
 * left, and no target has anything of them. A target that was not planned since `journalFrom` delays that only for
 * records of which it has an account; but while it is being planned, it may have the create of a user who has left
 * since (docs/decisions/0081), and only the tombstone lets it notice.
 */
export function openPruneMirror(db: Db): RetentionStep {
  const plannedByAll = db
    .prepare(
      `
      select coalesce(min(planned_reading), (select number from reading))
      from target
      where planned_at >= ? or id in (select target from draft)`,
    )
    .pluck();
  const joinedByAll = db.prepare(`
    select id, min(joined_reading, groups_reading) as reading
    from joined_source
    where groups_signature <> ''
    union all
    select id, joined_reading
    from joined_source
    where groups_signature = ''`);
  const after = new Map<string, { readonly removed: number; readonly id: number }>();

  /** @returns whether there may be more */
  const prune = (prefix: string, index: number, tombstones: Tombstones, reading: number): boolean => {
    const place = `${prefix} ${index}`;
    const last = after.get(place) ?? { removed: -1, id: 0 };
    const rows = db
      .prepare(withPrefix(tombstones.select, prefix))
      .all({ reading, after: last.removed, afterId: last.id }) as Row[];
    const remove = db.prepare(withPrefix(tombstones.remove, prefix));
    for (const { id, isNeeded } of rows) if (isNeeded === 0) remove.run(id);
    const end = rows.at(-1);
    if (end === undefined || rows.length < rowsPerSlice) {
      after.delete(place);
      return false;
    }
    after.set(place, end);
    return true;
  };

  return ({ journalFrom }) => {
    const planned = plannedByAll.get(journalFrom) as number | null;
    // Memberships come first: they refer to their group and member.
    for (const index of [1, 0]) {
      const tombstones = ofPrimary[index];
      if (tombstones !== undefined && planned !== null && prune('', index, tombstones, planned)) return true;
    }
    const sources = joinedByAll.all() as { id: number; reading: number }[];
    for (const { id, reading } of sources) {
      const prefix = prefixOf(id);
      if (!hasMirrorTables(db, prefix)) continue;
      for (const index of [1, 0]) {
        const tombstones = ofJoined[index];
        if (tombstones !== undefined && prune(prefix, index, tombstones, reading)) return true;
      }
    }
    return false;
  };
}
