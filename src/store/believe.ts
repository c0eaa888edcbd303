import type { Db } from './database.ts';
import type { Seen } from './seen.ts';
import type { NewReading } from './store.ts';

export interface Staged {
  readonly seenRecords: Seen;
  readonly seenEdges: Seen;
  readonly rejected: number;
  readonly groupsFromColumn: boolean;
}

/**
 * Makes the staged reading the mirror.
 *
 * With a rejected row in the reading nobody counts as gone: the row that could not be read may be the one that is missed.
 *
 * @returns the number of the reading
 */
export function believe(db: Db, reading: NewReading, staged: Staged): number {
  const number = 1 + ((db.prepare('select number from reading').pluck().get() as number | undefined) ?? 0);
  const absenceBelieved = staged.rejected === 0;
  if (absenceBelieved) {
    for (const kind of staged.groupsFromColumn ? ['User'] : ['User', 'Group']) markGone(db, 'record', `kind = '${kind}'`, staged.seenRecords, number);
    if (!staged.groupsFromColumn) markGone(db, 'edge', 'true', staged.seenEdges, number);
  }
  db.prepare(`insert into record (kind, key, active, attributes, digest, changed)
    select kind, key, active, attributes, digest, ? from staged_record where changed = 1
    on conflict (kind, key) do update set active = excluded.active, attributes = excluded.attributes,
      digest = excluded.digest, changed = excluded.changed, gone = null`).run(number);
  db.prepare(`update record set digest = s.digest from staged_record s
    where s.changed = 0 and s.kind = record.kind and s.key = record.key`).run();
  db.prepare(`insert into edge (group_key, member_key, digest, changed)
    select group_key, member_key, digest, ? from staged_edge where true
    on conflict (group_key, member_key) do update set digest = excluded.digest,
      changed = iif(gone is null, changed, excluded.changed), gone = null`).run(number);
  if (staged.groupsFromColumn) deriveGroups(db, number, absenceBelieved);
  db.prepare(`insert into reading (id, number, at, fingerprint, shape, columns, rejected)
    values (1, :number, :at, :fingerprint, :shape, :columns, :rejected)
    on conflict (id) do update set number = :number, at = :at, fingerprint = :fingerprint, shape = :shape,
      columns = :columns, rejected = :rejected`).run({
    number, at: reading.at, fingerprint: reading.fingerprint, shape: reading.shape, columns: JSON.stringify(reading.columns), rejected: staged.rejected,
  });
  return number;
}

function markGone(db: Db, table: 'record' | 'edge', where: string, seen: Seen, number: number): void {
  const page = db.prepare(`select id from ${table} where id > ? and gone is null and ${where} order by id limit 5000`).pluck();
  const mark = db.prepare(`update ${table} set gone = ?, changed = ? where id = ?`);
  for (let ids = page.all(0) as number[]; ids.length > 0; ids = page.all(ids.at(-1)) as number[]) {
    for (const id of ids) if (!seen.has(id)) mark.run(number, number, id);
  }
}

/** Groups that stand in a column of the people: a group exists while somebody is in it. */
function deriveGroups(db: Db, number: number, absenceBelieved: boolean): void {
  db.prepare(`update edge set gone = :number, changed = :number where gone is null
    and (member_key in (select key from record where kind = 'User' and gone = :number)
      or (member_key in (select key from staged_record where kind = 'User')
        and not exists (select 1 from staged_edge s where s.group_key = edge.group_key and s.member_key = edge.member_key)))`).run({ number });
  db.prepare(`insert into record (kind, key, active, attributes, changed)
    select distinct 'Group', group_key, 1, json_object('name', json_array(group_key)), :number from staged_edge where true
    on conflict (kind, key) do update set changed = excluded.changed, gone = null, attributes = excluded.attributes, digest = null
      where gone is not null or attributes <> excluded.attributes`).run({ number });
  // The row that could not be read may be that of a group's only member.
  if (!absenceBelieved) return;
  db.prepare(`update record set gone = :number, changed = :number where kind = 'Group' and gone is null
    and not exists (select 1 from edge where group_key = record.key and gone is null)`).run({ number });
}
