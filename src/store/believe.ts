import type { Db } from './database.ts';
import { applyLinks, type LinkOptions } from './links.ts';
import type { Seen } from './seen.ts';
import { rememberUnsettled } from './stale.ts';
import type { Believed, NewReading } from './store.ts';

export interface Staged {
  readonly seenRecords: Seen;
  readonly seenEdges: Seen;
  readonly rejected: number;
  readonly groupsFromColumn: boolean;
  readonly extent: 'all' | 'changes';
  readonly links: LinkOptions | undefined;
}

/**
 * Makes the staged reading the mirror.
 *
 * With a rejected row in the reading nobody counts as gone: the row that could not be read may be the one that is missed.
 *
 * Where a reading of changes holds none, the mirror keeps its number, so that nothing need be compared.
 */
export function believe(db: Db, reading: NewReading, staged: Staged): Believed {
  const last = db.prepare('select number from reading').pluck().get() as number | undefined;
  const number = 1 + (last ?? 0);
  const absenceBelieved = staged.rejected === 0;
  if (staged.extent === 'changes') markRemoved(db, number);
  else if (absenceBelieved) markUnseen(db, number, staged);
  takeRecords(db, number);
  let mayGoOn = true;
  if (staged.links !== undefined) {
    applyLinks(db, number, staged.links);
    mayGoOn = rememberUnsettled(db, reading);
  } else takeEdges(db, number);
  if (staged.groupsFromColumn) deriveGroups(db, number, absenceBelieved);
  expire(db, number, reading.at);
  const isChanged = last === undefined || staged.extent === 'all' || hasChanges(db, number);
  db.prepare(
    `insert into reading (id, number, at, fingerprint, shape, columns, rejected, bookmark, completed)
    values (1, :number, :at, :fingerprint, :shape, :columns, :rejected, :bookmark, :at)
    on conflict (id) do update set number = :number, at = :at, fingerprint = :fingerprint, shape = :shape,
      columns = :columns, rejected = :rejected, bookmark = :bookmark, completed = iif(:all, :at, completed)`,
  ).run({
    number: isChanged ? number : last,
    at: reading.at,
    fingerprint: reading.fingerprint,
    shape: reading.shape,
    columns: JSON.stringify(reading.columns),
    rejected: staged.rejected,
    bookmark: mayGoOn ? (reading.bookmark ?? null) : null,
    all: staged.extent === 'all' ? 1 : 0,
  });
  const memberships = db.prepare('select count(*) from edge where gone is null').pluck();
  return {
    number: isChanged ? number : last,
    isChanged,
    memberships: isChanged && staged.links !== undefined ? (memberships.get() as number) : 0,
  };
}

function markUnseen(db: Db, number: number, { groupsFromColumn, links, seenRecords, seenEdges }: Staged): void {
  const kinds = groupsFromColumn ? ['User'] : ['User', 'Group', 'Nested'];
  for (const kind of kinds) markGone(db, 'record', `kind = '${kind}'`, seenRecords, number);
  if (!groupsFromColumn && links === undefined) markGone(db, 'edge', 'true', seenEdges, number);
}

/** What is said to be gone, unless the same changes say that it is there. */
function markRemoved(db: Db, number: number): void {
  db.prepare(
    `update record set gone = :number, changed = :number where gone is null and (kind, key) in (select kind, key from staged_removed)
    and (kind, key) not in (select kind, key from staged_record)`,
  ).run({ number });
}

function takeRecords(db: Db, number: number): void {
  db.prepare(
    `insert into record (kind, key, active, attributes, digest, changed, active_until)
    select kind, key, active, attributes, digest, ?, active_until from staged_record where changed = 1
    on conflict (kind, key) do update set active = excluded.active, attributes = excluded.attributes,
      digest = excluded.digest, changed = excluded.changed, gone = null, active_until = excluded.active_until`,
  ).run(number);
  db.prepare(
    `update record set digest = s.digest, active_until = s.active_until from staged_record s
    where s.changed = 0 and s.kind = record.kind and s.key = record.key`,
  ).run();
}

function takeEdges(db: Db, number: number): void {
  db.prepare(
    `insert into edge (group_key, member_key, digest, changed)
    select group_key, member_key, digest, ? from staged_edge where true
    on conflict (group_key, member_key) do update set digest = excluded.digest,
      changed = iif(gone is null, changed, excluded.changed), gone = null`,
  ).run(number);
}

/** People whose time is over, although nothing in the source changed. */
function expire(db: Db, number: number, now: number): void {
  db.prepare(
    'update record set active = 0, active_until = null, changed = :number where active_until <= :now and active = 1 and gone is null',
  ).run({ number, now });
}

function hasChanges(db: Db, number: number): boolean {
  const any = (table: string): boolean =>
    db.prepare(`select 1 from ${table} indexed by ${table}_by_change where changed = ? limit 1`).get(number) !==
    undefined;
  return any('record') || any('edge');
}

function markGone(db: Db, table: 'record' | 'edge', where: string, seen: Seen, number: number): void {
  const page = db
    .prepare(`select id from ${table} where id > ? and gone is null and ${where} order by id limit 5000`)
    .pluck();
  const mark = db.prepare(`update ${table} set gone = ?, changed = ? where id = ?`);
  for (let ids = page.all(0) as number[]; ids.length > 0; ids = page.all(ids.at(-1)) as number[]) {
    for (const id of ids) if (!seen.has(id)) mark.run(number, number, id);
  }
}

/** Groups that stand in a column of the people: a group exists while somebody is in it. */
function deriveGroups(db: Db, number: number, absenceBelieved: boolean): void {
  db.prepare(
    `update edge set gone = :number, changed = :number where gone is null
    and (member_key in (select key from record where kind = 'User' and gone = :number)
      or (member_key in (select key from staged_record where kind = 'User')
        and not exists (select 1 from staged_edge s where s.group_key = edge.group_key and s.member_key = edge.member_key)))`,
  ).run({ number });
  db.prepare(
    `insert into record (kind, key, active, attributes, changed)
    select distinct 'Group', group_key, 1, json_object('name', json_array(group_key)), :number from staged_edge where true
    on conflict (kind, key) do update set changed = excluded.changed, gone = null, attributes = excluded.attributes, digest = null
      where gone is not null or attributes <> excluded.attributes`,
  ).run({ number });
  // The row that could not be read may be that of a group's only member.
  if (!absenceBelieved) return;
  db.prepare(
    `update record set gone = :number, changed = :number where kind = 'Group' and gone is null
    and not exists (select 1 from edge where group_key = record.key and gone is null)`,
  ).run({ number });
}
