import type { Known } from '../model/plan.ts';
import type { Db } from './database.ts';

/**
 * Counts what a target holds, for the guard. A group that was emptied because it left the source is not counted: it
 * gives no access any more.
 */
export function openTotals(db: Db, target: number): () => Known {
  const ofType = (condition: string) =>
    db.prepare(`select count(*) from account where target = ? and ${condition}`).pluck();
  const users = ofType(`resource_type = 'User'`);
  const inactive = ofType('inactive_since is not null');
  const groups = ofType(`resource_type = 'Group' and is_emptied = 0`);
  const memberships = db.prepare('select count(*) from membership where target = ?').pluck();
  const count = (statement: typeof users): number => statement.get(target) as number;
  return () => {
    const total = count(users);
    return {
      users: total,
      activeUsers: total - count(inactive),
      groups: count(groups),
      memberships: count(memberships),
    };
  };
}
