import { sourceKey, type SourceKey } from '../../model/ids.ts';
import type { Attributes, JoinedRecord } from '../../model/record.ts';
import { groupKeyOf } from '../../model/reading/source-names.ts';
import type { Db } from '../database.ts';
import { attributesText } from '../sqlite/rows.ts';
import type { ChangedRecord, GroupProjection } from './joined-sources-interface.ts';
import { copyInDoubt } from './joined-in-doubt.ts';
import {
  computeMemberships,
  countUnjoinedMembers,
  selectAllMembers,
  selectChangedMembers,
  storeMemberships,
} from './joined-memberships.ts';
import { isOfSource, keyRange, openProjection } from './projection.ts';

/** `regrouped_by_join`: users whose record of a joined source changed. `joining` fills it. */
export const regroupedTables = `
  create temp table if not exists regrouped_by_join (key text primary key) without rowid;`;

const tables = `
  ${regroupedTables}
  create temp table if not exists joined_group_changed (id integer primary key);
  create temp table if not exists joined_member_changed (key text primary key) without rowid;
  create temp table if not exists regrouped (
    key text not null, is_group integer not null, primary key (key, is_group)) without rowid;
  create temp table if not exists joined_membership_now (
    group_key text not null, member_key text not null, primary key (group_key, member_key)) without rowid;
  delete from joined_group_changed; delete from joined_member_changed; delete from regrouped;
  delete from joined_membership_now;`;

/**
 * Writes the groups and memberships of a joined source to the mirror of the primary source, under keys of their own and
 * with negative ids. Members are the users that the joined records belong to.
 *
 *     joined mirror                       mirror of the primary source
 *     group crm                      ──▶  group ad:crm
 *     membership (crm, S-1-5-…-1104) ──▶  membership (ad:crm, 4711), if this record belongs to the user 4711
 *     membership (crm, crm-leads)    ──▶  membership (ad:crm, ad:crm-leads)
 *
 * @param keeps the states of users who keep the memberships that they have in groups of this source
 */
export function openGroupProjection(
  db: Db,
  source: { readonly id: number; readonly name: string; readonly prefix: string },
  keeps: readonly JoinedRecord['state'][],
): GroupProjection {
  db.exec(tables);
  const before = db.prepare('select number from reading').pluck().get() as number;
  const number = before + 1;
  const projection = openProjection(db, source, number, keeps);
  const { change, run, all } = projection;
  const { name, prefix } = source;

  return {
    changedGroups(since, after, limit) {
      if (after === 0)
        run(
          `insert into joined_group_changed (id)
          select id from ${prefix}record indexed by ${prefix}record_by_change
          where changed_in > :since and resource_type = 'Group'`,
          { since },
        );
      const rows = db
        .prepare(
          `select r.id, r.key, iif(r.removed_in is null, r.attributes, null) as attributes
          from joined_group_changed c
          join ${prefix}record r on r.id = c.id
          where c.id > ?
          order by c.id
          limit ?`,
        )
        .all(after, limit) as { readonly id: number; readonly key: string; readonly attributes: string | null }[];
      const page = rows.map(({ key, attributes }): ChangedRecord => ({
        key: sourceKey(key),
        attributes: attributes === null ? undefined : (JSON.parse(attributes) as Attributes),
      }));
      return { page, next: rows.at(-1)?.id };
    },
    saveGroups(groups) {
      for (const { key, attributes } of groups) saveGroup(groupKeyOf(name, key), attributes);
    },
    saveMemberships(since) {
      if (since === 0) {
        removeUnknownGroups();
        selectAllMembers(projection);
      } else selectChangedMembers(projection, since);
      run(
        `delete from regrouped
        where is_group = 0
          and key in (
            select key
            from joined_user
            where source = :source
              and state in (select value from json_each(:keeps))
          )`,
        all,
      );
      computeMemberships(projection);
      storeMemberships(projection);
      const isChanged = projection.changes() > 0 || db.prepare('select 1 from regrouped limit 1').get() !== undefined;
      copyInDoubt(projection);
      if (isChanged) countUnjoinedMembers(projection);
      db.exec(`${tables} delete from regrouped_by_join;`);
    },
    finish() {
      if (projection.changes() > 0) db.prepare('update reading set number = ?').run(number);
    },
  };

  function saveGroup(key: SourceKey, attributes: Attributes | undefined): void {
    if (attributes === undefined) {
      change(
        `update record
        set removed_in = :number, changed_in = :number
        where resource_type = 'Group' and key = :key and id < 0 and removed_in is null`,
        { key },
      );
      return;
    }
    // A group of the primary source that had this key left before the source got its name.
    run(`delete from record where resource_type = 'Group' and key = :key and id > 0 and removed_in is not null`, {
      key,
    });
    change(
      `insert into record (id, resource_type, key, active, attributes, changed_in)
      values ((select min(coalesce(min(id), 0), 0) - 1 from record), 'Group', :key, 1, :attributes, :number)
      on conflict (resource_type, key) do update set attributes = excluded.attributes,
        changed_in = excluded.changed_in, removed_in = null
      where id < 0
        and (removed_in is not null or attributes <> excluded.attributes)`,
      { key, attributes: attributesText(attributes) },
    );
  }

  /** Without a reading to continue from, a group that left shows no change. */
  function removeUnknownGroups(): void {
    change(
      `update record
      set removed_in = :number, changed_in = :number
      where resource_type = 'Group'
        and ${isOfSource('key')}
        and id < 0
        and removed_in is null
        and not exists (
          select 1
          from ${prefix}record g
          where g.resource_type = 'Group'
            and g.key = substr(record.key, :start)
            and g.removed_in is null
        )`,
    );
  }
}

/** Removes the groups and memberships of a source that is no longer configured. */
export function removeProjectedGroups(db: Db, name: string): void {
  const number = 1 + ((db.prepare('select number from reading').pluck().get() as number | undefined) ?? 0);
  const range = keyRange(name);
  let changes = 0;
  for (const [table, column, inDoubt] of [
    ['record', 'key', 'record'],
    ['source_membership', 'group_key', 'membership'],
  ] as const) {
    const rows = `select id from ${table} where id < 0 and ${isOfSource(column)}`;
    db.prepare(`delete from ${inDoubt}_in_doubt where ${inDoubt} in (${rows})`).run(range);
    changes += db
      .prepare(
        `update ${table}
        set removed_in = :number, changed_in = :number
        where removed_in is null and id in (${rows})`,
      )
      .run({ number, ...range }).changes;
  }
  if (changes > 0) db.prepare('update reading set number = ?').run(number);
}

/** What the mirror of the primary source has of a joined source. */
export function countProjectedGroups(db: Db, name: string): { readonly groups: number; readonly memberships: number } {
  const range = keyRange(name);
  const count = (table: string, column: string): number =>
    db
      .prepare(`select count(*) from ${table} where id < 0 and removed_in is null and ${isOfSource(column)}`)
      .pluck()
      .get(range) as number;
  return { groups: count('record', 'key'), memberships: count('source_membership', 'group_key') };
}
