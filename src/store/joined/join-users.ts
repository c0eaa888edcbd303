import { sourceKey } from '../../model/ids.ts';
import type { Attributes } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { regroupedTables } from './joined-groups.ts';
import type { ChangedRecord, JoinSide, JoinValue, JoinedSource, LostJoins } from './joined-sources-interface.ts';

const tables = `
  create temp table if not exists join_changed (id integer primary key);
  create temp table if not exists join_touched (key text primary key) without rowid;
  create temp table if not exists joined_now (
    key text primary key, state text not null, value text, joined_key text, attributes text not null) without rowid;
  ${regroupedTables}`;

/** The part of a joined source that joins users. @param prefix of the tables of its mirror */
export function openJoin(
  db: Db,
  source: number,
  prefix: string,
): Pick<JoinedSource, 'changed' | 'saveValues' | 'saveNewValues' | 'join' | 'joinNew' | 'forgetValues'> {
  db.exec(tables);
  const recordTable = { primary: 'record', joined: `${prefix}record` };
  const valueOf = db.prepare('select value from join_value where source = ? and side = ? and key = ?').pluck();
  const upsertValue = db.prepare(`
    insert into join_value (source, side, key, value)
    values (?, ?, ?, ?)
    on conflict (source, side, key) do update set value = excluded.value`);
  const deleteValue = db.prepare('delete from join_value where source = ? and side = ? and key = ?');
  const touch = db.prepare('insert or ignore into join_touched (key) values (?)');
  const touchByValue = db.prepare(`
    insert or ignore into join_touched (key)
    select key
    from join_value
    where source = ?
      and side = 'primary'
      and value = ?`);

  const save = (side: JoinSide, { key, isRemoved, value }: JoinValue): void => {
    const before = valueOf.get(source, side, key) as string | null | undefined;
    if (isRemoved) deleteValue.run(source, side, key);
    else upsertValue.run(source, side, key, value ?? null);
    const isSame = !isRemoved && before === (value ?? null);
    // A changed record of the joined source has other attributes, also where its value is the same.
    if (isSame && side === 'primary') return;
    if (side === 'primary') touch.run(key);
    for (const one of new Set([before, value])) if (typeof one === 'string') touchByValue.run(source, one);
  };

  return {
    changed(side, since, after, limit) {
      const table = recordTable[side];
      if (after === 0)
        db.prepare(
          `insert into join_changed (id)
          select id from ${table} indexed by ${table}_by_change where changed_in > ? and resource_type = 'User'`,
        ).run(since);
      const rows = db
        .prepare(
          `select r.id, r.key, iif(r.removed_in is null, r.attributes, null) as attributes
          from join_changed c
          join ${table} r on r.id = c.id
          where c.id > ?
          order by c.id
          limit ?`,
        )
        .all(after, limit) as { readonly id: number; readonly key: string; readonly attributes: string | null }[];
      if (rows.length === 0) db.exec('delete from join_changed');
      const page = rows.map(({ key, attributes }): ChangedRecord => ({
        key: sourceKey(key),
        attributes: attributes === null ? undefined : (JSON.parse(attributes) as Attributes),
      }));
      return { page, next: rows.at(-1)?.id };
    },
    saveValues(side, values) {
      for (const value of values) save(side, value);
    },
    saveNewValues(values) {
      for (const { key, isRemoved, value } of values) {
        if (isRemoved || value === undefined || valueOf.get(source, 'primary', key) !== undefined) continue;
        upsertValue.run(source, 'primary', key, value);
        touch.run(key);
      }
    },
    forgetValues() {
      db.prepare('delete from join_value where source = ?').run(source);
      db.prepare('insert or ignore into join_touched (key) select key from joined_user where source = ?').run(source);
    },
    join() {
      computeTouched();
      const losses = countLosses();
      const removed = db
        .prepare(
          `delete from joined_user
          where source = ?
            and key in (select key from join_touched)
            and key not in (select key from joined_now)
          returning key`,
        )
        .pluck()
        .all(source) as string[];
      regroup(removed);
      storeJoined();
      return losses;
    },
    joinNew() {
      computeTouched();
      db.exec(`delete from joined_now where state <> 'joined'`);
      db.prepare(
        `delete from join_value
        where source = ?
          and side = 'primary'
          and key in (select key from join_touched)
          and key not in (select key from joined_now)`,
      ).run(source);
      storeJoined();
    },
  };

  function countLosses(): LostJoins {
    return db
      .prepare(
        `
        select
          (select count(*) from joined_user where source = :source and state = 'joined') as before,
          (
            select count(*)
            from joined_now n
            join joined_user u on u.key = n.key and u.source = :source
            where n.state = 'missing'
              and u.state = 'joined'
          ) as lost`,
      )
      .get({ source }) as LostJoins;
  }

  /** What the touched users have in the source now. */
  function computeTouched(): void {
    db.exec('delete from joined_now');
    const count = (side: JoinSide): string =>
      `(select count(*) from join_value j where j.source = :source and j.side = '${side}' and j.value = v.value)`;
    db.prepare(
      `
      insert into joined_now (key, state, value, joined_key, attributes)
      select c.key,
        case
          when c.records = 0 then 'missing'
          when c.records > 1 or c.users > 1 then 'ambiguous'
          else 'joined'
        end,
        c.value, r.key, coalesce(r.attributes, '{}')
      from (
        select t.key, v.value, ${count('joined')} as records, ${count('primary')} as users
        from join_touched t
        join join_value v on v.source = :source and v.side = 'primary' and v.key = t.key
      ) c
      left join join_value o on o.source = :source and o.side = 'joined' and o.value = c.value and c.records = 1
        and c.users = 1
      left join ${prefix}record r on r.resource_type = 'User' and r.key = o.key and r.removed_in is null
      where true`,
    ).run({ source });
  }

  function storeJoined(): void {
    const changed = db
      .prepare(
        `
        insert into joined_user (source, key, state, value, joined_key, attributes)
        select :source, key, state, value, joined_key, attributes
        from joined_now
        where true
        on conflict (key, source) do update set state = excluded.state, value = excluded.value,
          joined_key = excluded.joined_key, attributes = excluded.attributes
        where (joined_user.state, joined_user.value, joined_user.joined_key, joined_user.attributes)
          is not (excluded.state, excluded.value, excluded.joined_key, excluded.attributes)
        returning key`,
      )
      .pluck()
      .all({ source }) as string[];
    db.exec('delete from join_touched; delete from joined_now');
    regroup(changed);
    markChanged(db, changed);
  }

  /** Their memberships in groups of the source are compared again. */
  function regroup(keys: readonly string[]): void {
    const insert = db.prepare('insert or ignore into regrouped_by_join (key) values (?)');
    for (const key of keys) insert.run(key);
  }
}

/**
 * Makes candidates of users at every target, by a reading of their own: the change sequence of the primary source also
 * shows what changed in joined sources. @param keys undefined: all users
 */
export function markChanged(db: Db, keys: readonly string[] | undefined): void {
  if (keys?.length === 0) return;
  db.exec('update reading set number = number + 1');
  const set = `update record set changed_in = (select number from reading)
    where removed_in is null`;
  // Groups of joined sources have negative ids.
  if (keys === undefined) db.exec(`${set} and (resource_type = 'User' or id < 0)`);
  else
    db.prepare(`${set} and resource_type = 'User' and key in (select value from json_each(?))`).run(
      JSON.stringify(keys),
    );
}
