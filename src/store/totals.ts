import type { Known } from '../model/plan.ts';
import type { Db } from './database.ts';

/**
 * Reads what a target holds, for the guard. A group that was emptied because it left the source is not counted: it
 * gives no access any more. Triggers keep the numbers, so reading them costs the same for any size.
 */
export function openTotals(db: Db, target: number): () => Known {
  const totals = db.prepare(`
    select users, users - inactive_users as activeUsers, groups, memberships
    from target_total
    where target = ?`);
  return () => totals.get(target) as Known;
}

/** Counts again what targets hold. `replace into` and `update or replace` remove rows without a trigger. */
export function recountTotals(db: Db): void {
  db.exec(`
    update target_total
    set users = (select count(*) from account a where a.target = target_total.target and a.resource_type = 'User'),
      inactive_users = (
        select count(*) from account a where a.target = target_total.target and a.inactive_since is not null
      ),
      groups = (
        select count(*)
        from account a
        where a.target = target_total.target
          and a.resource_type = 'Group'
          and a.is_emptied = 0
      ),
      memberships = (select count(*) from membership m where m.target = target_total.target)`);
}
