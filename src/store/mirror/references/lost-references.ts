import type { ReferenceKind } from '../../../model/reading/references.ts';
import type { Db } from '../../database.ts';
import { isMissingFrom } from '../missing-rows.ts';

const workTables = `
  create temp table if not exists dropped_reference (
    record integer not null, relation text not null, owner integer not null,
    primary key (record, relation, owner)) without rowid;
  create temp table if not exists added_reference (
    record integer not null, relation text not null, handle integer not null,
    primary key (record, relation, handle)) without rowid;
  create temp table if not exists moved_owner (
    handle integer not null, owner integer not null, primary key (handle, owner)) without rowid;
  delete from dropped_reference; delete from added_reference; delete from moved_owner;`;

/**
 * Notes which references and handles the staged records change. Call it before the mirror takes them over; records that
 * left the source are marked already, and do not count: a reference to a leaver is no mistake.
 */
export function noteChangedReferences(db: Db): void {
  db.exec(`${workTables}
    insert or ignore into dropped_reference
    select d.record, d.relation, o.id
    from touched t
    cross join reference d on d.record = t.record
      and d.relation <> 'group'
    cross join handle_owner b on b.handle = d.handle
    cross join record o on o.id = b.record
      and o.removed_in is null
    where t.is_removed = 0
      and ${isMissingFrom('new_reference', 'd', ['record', 'relation', 'handle'])};
    insert into added_reference
    select record, relation, handle
    from new_reference d
    where relation <> 'group'
      and ${isMissingFrom('reference', 'd', ['record', 'relation', 'handle'])};
    insert or ignore into moved_owner
    select d.handle, d.record
    from touched t
    cross join handle_owner d on d.record = t.record
    where t.is_removed = 0
      and ${isMissingFrom('new_handle_owner', 'd', ['handle', 'record'])}`);
}

/** Whether the record of a row of `alias` references that owner by any handle now. */
const isReferencedBy = (alias: string): string => `
  exists (
    select 1
    from handle_owner n
    cross join reference g on g.record = ${alias}.record
      and g.relation = ${alias}.relation
      and g.handle = n.handle
    where n.record = ${alias}.owner
  )`;

/**
 * Counts the references that pointed to a record before, and point nowhere now, although the record is still there:
 *
 *     group names …   before      now             lost
 *     the same DN     → Ada       Ada moved       1: the server does not update references
 *     another text    → Ada       nothing has it  1: Ada's e-mail address instead of her login
 *     Bob's DN        → Ada       → Bob           0
 *     no longer Ada   → Ada       –               0
 *     a computer too  –           nothing has it  0: it was never known
 */
export function countLostReferences(db: Db): Readonly<Record<ReferenceKind, number>> {
  const replaced = db
    .prepare(
      `
      select relation, sum(min(dropped, added)) as lost
      from (
        select d.relation, count(*) as dropped, (
          select count(*)
          from added_reference a
          where a.record = d.record
            and a.relation = d.relation
            and not exists (select 1 from handle_owner b where b.handle = a.handle)
        ) as added
        from dropped_reference d
        where not ${isReferencedBy('d')}
        group by d.record, d.relation
      )
      group by relation`,
    )
    .all();
  const moved = db
    .prepare(
      `
      select relation, count(*) as lost
      from (
        select f.record, f.relation, m.owner
        from moved_owner m
        cross join reference f on f.handle = m.handle
          and f.relation <> 'group'
        where not exists (select 1 from handle_owner b where b.handle = m.handle)
          and not exists (
            select 1
            from added_reference a
            where a.record = f.record
              and a.relation = f.relation
              and a.handle = f.handle
          )
      ) l
      where not ${isReferencedBy('l')}
      group by relation`,
    )
    .all();
  const lost = { members: 0, groups: 0, managers: 0 };
  for (const row of [...replaced, ...moved] as { relation: string; lost: number }[])
    lost[row.relation === 'member' ? 'members' : 'managers'] += row.lost;
  return lost;
}
