import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { RegisteredTarget, TargetRegistry } from './target-registry-interface.ts';

/** Tables of a target that hold what `forget` removes. The journal stays. */
const tablesOfSnapshot = [
  'account',
  'membership',
  'requeue',
  'requeue_membership',
  'pending_manager',
  'retry',
  'verification',
  'learned_fact',
  'orphan',
  'group_role',
  'leaver_look_up',
  'unique_value',
  'refused_value',
  'drift',
  'drift_check',
  'drift_seen',
] as const;

/** Opens the registry of targets. `onChange` runs after a target has another name or lost its snapshot. */
export function openTargetRegistry(db: Db, onChange: () => void): TargetRegistry {
  const idOf = (name: string): number | undefined =>
    db.prepare('select id from target where name = ?').pluck().get(name) as number | undefined;

  return {
    async all() {
      return knownTargets(db);
    },
    async saveUrl(name, url) {
      db.prepare('insert or ignore into target (name) values (?)').run(name);
      const known = db.prepare('select id, url from target where name = ?').get(name) as {
        id: number;
        url: string | null;
      };
      // Another address: what is known about the server does not apply to it.
      if (known.url !== null && known.url !== url) forgetServer(db, known.id);
      db.prepare('update target set url = ? where id = ?').run(url, known.id);
    },
    async forget(name, at) {
      const id = idOf(name);
      if (id === undefined) return;
      for (const table of tablesOfSnapshot) db.prepare(`delete from ${table} where target = ?`).run(id);
      forgetServer(db, id);
      db.prepare(
        `
        update target
        set planned_reading = 0, rules_fingerprint = '', listed = null, url = null, leavers_unmatched = 0,
          loaded_at = null, forgotten_at = ?
        where id = ?`,
      ).run(at, id);
      db.prepare('delete from approval where target = ? and pass is null').run(id);
      onChange();
    },
    async rename(name, newName) {
      const id = idOf(name);
      if (id === undefined || name === newName) return;
      const other = idOf(newName);
      if (other !== undefined) mergeJournal(db, other, id);
      db.prepare('update target set name = ? where id = ?').run(newName, id);
      db.prepare('delete from former_target_name where name = ?').run(newName);
      db.prepare('insert or replace into former_target_name (name, target) values (?, ?)').run(name, id);
      onChange();
    },
  };
}

/** Forgets the ServiceProviderConfig of a target, and what its responses and reads showed. */
function forgetServer(db: Db, target: number): void {
  db.prepare(
    'update target set discovery = null, discovery_read_at = null, samples = null, learned_under = null where id = ?',
  ).run(target);
  db.prepare('delete from learned_fact where target = ?').run(target);
}

/** Moves the journal of a target that holds nothing to another target, and removes the first one. */
function mergeJournal(db: Db, from: number, to: number): void {
  for (const table of [...tablesOfSnapshot, 'sent_request'])
    db.prepare(`delete from ${table} where target = ?`).run(from);
  const operations = db.prepare('select id from operation where target = ?').pluck().all(from) as number[];
  const passes = db.prepare('select pass from pass_target where target = ?').pluck().all(from) as number[];
  for (const table of ['operation', 'note', 'approval', 'former_target_name'])
    db.prepare(`update ${table} set target = ? where target = ?`).run(to, from);
  // A target of either name that was set aside stays set aside.
  for (const table of ['pass_target', 'pause'])
    db.prepare(`update or ignore ${table} set target = ? where target = ?`).run(to, from);
  for (const table of ['pause', 'lane']) db.prepare(`delete from ${table} where target = ?`).run(from);
  db.prepare('delete from pass_target where target = ?').run(from);
  db.prepare('delete from target where id = ?').run(from);
  openChain(db).amend(operations, passes);
}

/** All targets of the state, by name. */
export function knownTargets(db: Db): readonly RegisteredTarget[] {
  const rows = db
    .prepare(
      `
      select name, url, forgotten_at as forgottenAt,
        (select n.users from target_total n where n.target = t.id)
          + (select count(*) from account a where a.target = t.id and a.resource_type = 'Group') as accounts,
        (select count(*) from requeue q where q.target = t.id and q.verify_first = 1) as uncertain
      from target t
      order by name`,
    )
    .all() as {
    name: string;
    url: string | null;
    forgottenAt: number | null;
    accounts: number;
    uncertain: number;
  }[];
  return rows.map((row) => ({
    ...row,
    url: row.url ?? undefined,
    forgottenAt: optionalInstant(row.forgottenAt),
  }));
}

/** The current name of the target that has or had this name; undefined: the state knows no such target. */
export function currentTargetName(db: Db, name: string): string | undefined {
  return db
    .prepare(
      `
      select t.name
      from target t
      left join former_target_name f on f.target = t.id and f.name = :name
      where t.name = :name
        or f.name is not null
      order by t.name <> :name
      limit 1`,
    )
    .pluck()
    .get({ name }) as string | undefined;
}
