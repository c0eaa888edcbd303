import type { SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';

/** Users of a target whose manager has no account there yet. */
export function openPendingManagers(db: Db, target: number) {
  const upsert = db.prepare(`
    insert into pending_manager (target, key, manager)
    values (?, ?, ?)
    on conflict (target, key) do update set manager = excluded.manager`);
  const remove = db.prepare('delete from pending_manager where target = ? and key = ?');
  const selectAny = db.prepare('select exists (select 1 from pending_manager where target = ?)').pluck();
  let mayHaveAny = true;
  return {
    /** A planning begins. A first load finds the manager of most users, and no user waits for one. */
    look(): void {
      mayHaveAny = selectAny.get(target) === 1;
    },
    /** @param manager undefined: the user waits for no manager */
    set(key: SourceKey, manager: SourceKey | undefined): void {
      if (manager !== undefined) {
        mayHaveAny = true;
        upsert.run(target, key, manager);
      } else if (mayHaveAny) remove.run(target, key);
    },
  };
}
