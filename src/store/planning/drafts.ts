import type { Db } from '../database.ts';

/** Rounds that are being planned. What they planned so far is committed, and is no plan yet. */
export interface DraftLog {
  /** A planning begins. @throws an error of the database if the round is being planned already */
  beginDraft(pass: number, target: string, round: number): Promise<void>;
  /** The planning is complete: its operations are a plan from the end of this slice on. */
  endDraft(pass: number, target: string, round: number): Promise<void>;
}

/** Opens the drafts. */
export function openDrafts(db: Db, targetOf: (name: string) => { readonly id: number }): DraftLog {
  const insert = db.prepare(`
    insert into draft (pass, target, round, last_note)
    values (?, ?, ?, (select coalesce(max(rowid), 0) from note))`);
  const remove = db.prepare('delete from draft where pass = ? and target = ? and round = ?');
  return {
    async beginDraft(pass, target, round) {
      insert.run(pass, targetOf(target).id, round);
    },
    async endDraft(pass, target, round) {
      remove.run(pass, targetOf(target).id, round);
    },
  };
}

/** SQL condition: the operation `o` belongs to a round that is being planned. */
export const isDraft = (o: string): string =>
  `exists (select 1 from draft d where d.pass = ${o}.pass and d.target = ${o}.target and d.round = ${o}.round)`;

/**
 * Deletes what plannings left behind that did not end. They may have recorded roles of groups without comparing what
 * depends on them, so the next planning of the target compares all records.
 *
 * @param target undefined: at all targets
 */
export function discardDrafts(db: Db, of: { readonly passes: string; readonly target: number | null }): void {
  const drafts = `
    select *
    from draft
    where pass in (select value from json_each(:passes))
      and target = coalesce(:target, target)`;
  const operations = `
    select o.id
    from (${drafts}) d
    cross join operation o indexed by operation_by_pass on o.pass = d.pass
      and o.target = d.target
      and o.round = d.round`;
  const statements = [
    `delete from operation_member where operation in (${operations})`,
    `delete from operation where id in (${operations})`,
    `delete from note
    where rowid in (
      select n.rowid
      from (${drafts}) d
      cross join note n on n.pass = d.pass
        and n.target = d.target
        and n.rowid > d.last_note
    )`,
    `update target set rules_fingerprint = '' where id in (select target from (${drafts}))`,
    `delete from draft where (pass, target, round) in (select pass, target, round from (${drafts}))`,
  ];
  for (const sql of statements) db.prepare(sql).run(of);
}
