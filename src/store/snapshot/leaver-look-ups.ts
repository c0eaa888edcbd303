import type { SourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';

/** A look-up of a user who should have no access, and whose account the snapshot does not know. */
export interface LeaverLookUp {
  readonly key: SourceKey;
  /** Whether the target answered it; if not, a later pass repeats it. */
  readonly isAnswered: boolean;
}

/** Which users who should have no access were looked up at one target, over all passes. */
export interface LeaverLookUps {
  /** The look-ups of these users, each with its last pass. */
  of(keys: readonly SourceKey[]): ReadonlyMap<SourceKey, LeaverLookUp & { readonly pass: number }>;
  /** Adds the look-ups of a pass, and forgets those of users who are no longer in the source. */
  save(pass: number, lookUps: readonly LeaverLookUp[]): Promise<void>;
}

/** Opens the look-ups at one target. */
export function openLeaverLookUps(db: Db, commits: GroupCommit, target: number): LeaverLookUps {
  const select = db.prepare(`
    select key, pass, is_answered
    from leaver_look_up
    where target = ? and key in (select value from json_each(?))`);
  const upsert = db.prepare(
    'insert or replace into leaver_look_up (target, key, pass, is_answered) values (?, ?, ?, ?)',
  );
  const deleteGone = db.prepare(`
    delete from leaver_look_up
    where target = ?
      and not exists (
        select 1
        from record r
        where r.resource_type = 'User' and r.key = leaver_look_up.key and r.removed_in is null
      )`);
  return {
    of(keys) {
      const rows = select.all(target, JSON.stringify(keys)) as { key: SourceKey; pass: number; is_answered: number }[];
      return new Map(rows.map(({ key, pass, is_answered }) => [key, { key, pass, isAnswered: is_answered === 1 }]));
    },
    save: (pass, lookUps) =>
      commits.write(() => {
        for (const { key, isAnswered } of lookUps) upsert.run(target, key, pass, isAnswered ? 1 : 0);
        deleteGone.run(target);
      }),
  };
}
