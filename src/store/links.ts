import type { Db } from './database.ts';

export interface LinkOptions {
  readonly nested: 'flatten' | 'keep';
}

export const linkStaging = `
  create temp table if not exists staged_handle (kind text not null, key text not null, handle text not null, primary key (kind, key, handle)) without rowid;
  create temp table if not exists staged_reference (
    kind text not null, key text not null, towards text not null, handle text not null, primary key (kind, key, towards, handle)) without rowid;
  create temp table if not exists staged_removed (kind text not null, key text not null, handle text not null, primary key (kind, handle, key)) without rowid;
  delete from staged_handle; delete from staged_reference; delete from staged_removed;`;

const working = `
  create temp table if not exists touched (record integer primary key, gone integer not null);
  create temp table if not exists stirred_handle (handle integer primary key);
  create temp table if not exists stirred_group (record integer primary key);
  create temp table if not exists stirred_person (record integer primary key);
  create temp table if not exists wanted_member (key text primary key) without rowid;
  create temp table if not exists new_bearer (handle integer not null, record integer not null, primary key (handle, record)) without rowid;
  create temp table if not exists new_reference (record integer not null, towards text not null, handle integer not null, primary key (record, towards, handle)) without rowid;
  delete from touched; delete from stirred_handle; delete from stirred_group; delete from stirred_person; delete from new_bearer; delete from new_reference;`;

/**
 * Brings memberships and references up to what the staged records say, at a cost that follows the change: a group is worked out
 * again when its members, one of their names, or a group inside it changed.
 *
 *     staged handles and references ─▶ what differs ─▶ stirred handles ─▶ stirred groups (and the groups around them) ─▶ edges
 *                                                                     └▶ stirred people ─▶ attributes that name somebody
 *
 * SQLite takes the tables of a cross join in the order in which they stand, so that every question begins with what changed and not with everything there is.
 *
 * Runs after the staged records stand in the mirror.
 *
 * @param number of the reading
 */
export function applyLinks(db: Db, number: number, options: LinkOptions): void {
  db.exec(working);
  const run = (sql: string): void => {
    db.prepare(sql).run(sql.includes(':number') ? { number } : {});
  };
  run(
    `insert into touched select r.id, 0 from staged_record s cross join record r on r.kind = s.kind and r.key = s.key`,
  );
  run(
    `insert or ignore into touched select id, 1 from record indexed by record_by_change where changed = :number and gone = :number`,
  );
  run(`insert or ignore into handle (text) select handle from staged_handle`);
  run(`insert or ignore into handle (text) select handle from staged_reference`);
  run(
    `insert into new_bearer select h.id, r.id from staged_handle s cross join record r on r.kind = s.kind and r.key = s.key cross join handle h on h.text = s.handle`,
  );
  run(
    `insert into new_reference select r.id, s.towards, h.id from staged_reference s cross join record r on r.kind = s.kind and r.key = s.key cross join handle h on h.text = s.handle`,
  );
  stir(run);
  run(
    `delete from bearer where record in (select record from touched) and (handle, record) not in (select handle, record from new_bearer)`,
  );
  run(`insert or ignore into bearer select handle, record from new_bearer`);
  run(
    `delete from reference where record in (select record from touched) and (record, towards, handle) not in (select record, towards, handle from new_reference)`,
  );
  run(`insert or ignore into reference select record, towards, handle from new_reference`);
  stirByHandles(run, options);
  workOutGroups(db, number, options);
  nameOthers(db, number);
  run(`delete from handle where id in (select handle from stirred_handle)
    and not exists (select 1 from bearer b where b.handle = handle.id) and not exists (select 1 from reference f where f.handle = handle.id)`);
}

type Run = (sql: string) => void;

/** What differs between what was and what is said now. */
function stir(run: Run): void {
  const lost =
    'from touched t cross join bearer b on b.record = t.record where not exists (select 1 from new_bearer n where n.handle = b.handle and n.record = b.record)';
  const won =
    'from new_bearer n where not exists (select 1 from bearer b where b.handle = n.handle and b.record = n.record)';
  run(`insert or ignore into stirred_handle select b.handle ${lost}`);
  run(`insert or ignore into stirred_handle select n.handle ${won}`);
  // A group that is named otherwise has other members among those who name it.
  run(`insert or ignore into stirred_group select b.record ${lost}`);
  run(`insert or ignore into stirred_group select n.record ${won}`);
  const unsaid = `from touched t cross join reference f on f.record = t.record
    where not exists (select 1 from new_reference n where n.record = f.record and n.towards = f.towards and n.handle = f.handle)`;
  const said =
    'from new_reference f where not exists (select 1 from reference o where o.record = f.record and o.towards = f.towards and o.handle = f.handle)';
  for (const differing of [unsaid, said]) {
    run(`insert or ignore into stirred_group select f.record ${differing} and f.towards = 'member'`);
    run(
      `insert or ignore into stirred_group select b.record from bearer b where b.handle in (select f.handle ${differing} and f.towards = 'group')`,
    );
    run(`insert or ignore into stirred_handle select f.handle ${differing} and f.towards = 'group'`);
  }
  run(
    `insert or ignore into stirred_person select t.record from touched t where t.gone = 0 and exists (select 1 from new_reference f where f.record = t.record and f.towards glob '@*')`,
  );
  run(`insert or ignore into stirred_group select record from touched`);
}

/** Whoever names somebody whose names changed; and, where groups are flattened, every group around a stirred one. */
function stirByHandles(run: Run, { nested }: LinkOptions): void {
  run(
    `insert or ignore into stirred_group select f.record from stirred_handle s cross join reference f on f.handle = s.handle and f.towards = 'member'`,
  );
  run(
    `insert or ignore into stirred_group select b.record from stirred_handle s cross join bearer b on b.handle = s.handle`,
  );
  run(
    `insert or ignore into stirred_person select f.record from stirred_handle s cross join reference f on f.handle = s.handle where f.towards glob '@*'`,
  );
  run(`delete from stirred_group where (select kind from record where id = stirred_group.record) = 'User'`);
  if (nested === 'keep') return;
  run(`insert or ignore into stirred_group
    with recursive around(record) as (
      select record from stirred_group
      union select f.record from around a cross join bearer b on b.record = a.record cross join reference f on f.handle = b.handle and f.towards = 'member')
    select record from around`);
}

/** `union` ends a ring of groups that contain each other. */
const insideFlat = `with recursive inside(record) as (
    values(:record)
    union select r.id from inside i cross join reference f on f.record = i.record and f.towards = 'member'
      cross join bearer b on b.handle = f.handle cross join record r on r.id = b.record and r.kind in ('Group', 'Nested') and r.gone is null)`;
const insideKept = 'with inside(record) as (values(:record))';

const people = `select r.key from inside i cross join reference f on f.record = i.record and f.towards = 'member'
      cross join bearer b on b.handle = f.handle cross join record r on r.id = b.record and r.kind = 'User' and r.gone is null
    union
    select r.key from inside i cross join bearer b on b.record = i.record cross join reference f on f.handle = b.handle and f.towards = 'group'
      cross join record r on r.id = f.record and r.kind = 'User' and r.gone is null`;
const innerGroups = `union
    select r.key from reference f cross join bearer b on b.handle = f.handle
      cross join record r on r.id = b.record and r.kind = 'Group' and r.gone is null and r.id <> :record
    where f.record = :record and f.towards = 'member'`;

function workOutGroups(db: Db, number: number, { nested }: LinkOptions): void {
  const groups = db.prepare(
    `select r.id, r.key, r.gone is null as present from stirred_group s cross join record r on r.id = s.record and r.kind = 'Group' order by s.record`,
  );
  const want = db.prepare(
    `insert or ignore into wanted_member ${nested === 'flatten' ? `${insideFlat} ${people}` : `${insideKept} ${people} ${innerGroups}`}`,
  );
  const clear = db.prepare('delete from wanted_member');
  const drop = db.prepare(`update edge set gone = :number, changed = :number
    where group_key = :key and gone is null and member_key not in (select key from wanted_member)`);
  const take =
    db.prepare(`insert into edge (group_key, member_key, changed) select :key, key, :number from wanted_member where true
    on conflict (group_key, member_key) do update set changed = excluded.changed, gone = null where gone is not null`);
  for (const { id, key, present } of groups.all() as { id: number; key: string; present: number }[]) {
    clear.run();
    if (present === 1) want.run({ record: id });
    drop.run({ number, key });
    take.run({ number, key });
  }
}

/** An attribute that names somebody holds their key, or is absent while nobody has that name. */
function nameOthers(db: Db, number: number): void {
  const stirred = db.prepare(
    'select r.id, r.attributes from stirred_person s cross join record r on r.id = s.record where r.gone is null',
  );
  const named = db.prepare(`select substr(f.towards, 2) as attribute, min(r.key) as key from reference f
    left join bearer b on b.handle = f.handle left join record r on r.id = b.record and r.kind = 'User' and r.gone is null
    where f.record = ? and f.towards glob '@*' group by f.towards`);
  const write = db.prepare('update record set attributes = ?, changed = ? where id = ?');
  for (const { id, attributes } of stirred.all() as { id: number; attributes: string }[]) {
    const all = JSON.parse(attributes) as Record<string, readonly string[]>;
    for (const { attribute, key } of named.all(id) as { attribute: string; key: string | null }[]) {
      if (key === null) delete all[attribute];
      else all[attribute] = [key];
    }
    const text = JSON.stringify(
      Object.fromEntries(Object.entries(all).sort(([one], [other]) => (one < other ? -1 : 1))),
    );
    if (text !== attributes) write.run(text, number, id);
  }
}
