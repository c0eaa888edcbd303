import type { Operation } from '../model/operation.ts';
import type { Outcome, SnapshotChange } from '../model/outcome.ts';
import type { Db } from './database.ts';
import type { Due } from './store.ts';

export interface Answered {
  readonly outcome: Outcome;
  readonly change: SnapshotChange;
  readonly due: Due;
  /** The target had no account for this record before this answer. */
  readonly isNew: boolean;
}

/** Keeps the list of what must be looked at again in step with every answer. */
export function openAftermath(db: Db) {
  const settle = db.prepare('delete from due where target = ? and kind = ? and key = ?');
  const keep = db.prepare(`insert into due (target, kind, key, follow_up, uncertain) values (?, ?, ?, ?, ?)
    on conflict (target, kind, key) do update set follow_up = max(follow_up, excluded.follow_up), uncertain = excluded.uncertain`);
  const settleEdge = db.prepare('delete from due_edge where target = ? and group_key = ? and member_key = ?');
  const followWaiting = db.prepare(`insert into due (target, kind, key, follow_up) select target, 'User', key, 1 from waiting where target = ? and manager = ?
    on conflict (target, kind, key) do update set follow_up = 1`);
  const againReferrers = db.prepare(`insert or ignore into due (target, kind, key) select target, 'User', key from account where target = ? and manager = ?`);
  const followEdges = db.prepare(`insert into due_edge (target, group_key, member_key, follow_up)
    select :target, group_key, member_key, 1 from edge where group_key = :key and gone is null
    union select target, group_key, member_key, 1 from membership where target = :target and group_key = :key
    on conflict (target, group_key, member_key) do update set follow_up = 1`);

  return {
    record(target: number, operation: Operation, { outcome, change, due, isNew }: Answered): void {
      const { kind, key } = operation;
      if (operation.action === 'members') {
        if (change.kind !== 'members') return;
        for (const member of [...change.added, ...change.removed]) settleEdge.run(target, key, member.key);
        return;
      }
      if (due === 'settled') settle.run(target, kind, key);
      else keep.run(target, kind, key, due === 'followUp' ? 1 : 0, due === 'uncertain' ? 1 : 0);
      if (kind === 'User' && isNew && (change.kind === 'remember' || change.kind === 'adopt')) followWaiting.run(target, key);
      if (kind === 'User' && change.kind === 'forget' && outcome.kind === 'gone' && operation.action !== 'delete') againReferrers.run(target, key);
      // Who is in an adopted group is known only now.
      if (kind === 'Group' && change.kind === 'adopt') followEdges.run({ target, key });
    },
  };
}
