import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { isDuty } from './duties.ts';
import type { RetentionStep } from './retention-interface.ts';

/** Rows that one slice removes: some milliseconds. */
const rowsPerSlice = 400;
/** Passes that one slice looks at. */
const passesPerSlice = 200;
/** The passes by which a target recognises that the clock was wrong. */
const passesOfTarget = 20;

/**
 * Removes the passes that ended before `journalFrom`, with their operations, notes, summaries and approvals. A pass
 * stays while one of its operations is a duty, and while it belongs to the last passes of a target.
 */
export function openPruneJournal(db: Db): RetentionStep {
  const selectPasses = db.prepare('select id from pass where id > ? and ended < ? order by id limit ?').pluck();
  const selectOperations = db
    .prepare(
      `
      select o.id
      from operation o indexed by operation_by_pass
      where o.pass = ?
        and not ${isDuty('o')}
      limit ${rowsPerSlice}`,
    )
    .pluck();
  const deleteMembers = db.prepare('delete from operation_member where operation in (select value from json_each(?))');
  const deleteOperations = db.prepare('delete from operation where id in (select value from json_each(?))');
  const deleteBlocks = db.prepare(`
    delete from payload_block
    where first_operation in (
      select b.first_operation
      from payload_block b
      where b.first_operation <= :last
        and b.last_operation >= :first
        and not exists (select 1 from operation o where o.id between b.first_operation and b.last_operation)
    )`);
  const deleteNotes = db.prepare(
    `delete from note where rowid in (select rowid from note where pass = ? limit ${rowsPerSlice})`,
  );
  const deleteEmptyPass = [
    'delete from pass_target where pass = :pass',
    'delete from approval where pass = :pass',
    'delete from pass where id = :pass',
  ].map((sql) => db.prepare(sql));
  const isKept = db
    .prepare(
      `
      select exists (select 1 from operation indexed by operation_by_pass where pass = :pass)
        or exists (
          select 1
          from pass_target t
          where t.pass = :pass
            and (
              select count(*)
              from (
                select 1
                from pass_target l indexed by pass_target_by_target
                where l.target = t.target
                  and l.pass > :pass
                limit ${passesOfTarget}
              )
            ) < ${passesOfTarget}
        )
        or :pass = (select max(id) from pass)`,
    )
    .pluck();
  const deleteFormerValues = db.prepare(`
    delete from former_value
    where pass in (
      select distinct pass
      from former_value
      where pass < (select coalesce(min(id), 0) from pass where ended >= :journalFrom or ended is null)
      limit 20
    )`);

  // Since then the journal is complete: questions about earlier times have no reliable answer.
  const saveBegin = db.prepare(`
    insert into retention_mark (step, mark) values ('journalFrom', ?)
    on conflict (step) do update set mark = max(mark, excluded.mark)`);

  /** @returns how many rows were removed */
  const prunePass = (pass: number): number => {
    const ids = selectOperations.all(pass) as number[];
    if (ids.length > 0) {
      const json = JSON.stringify(ids);
      deleteMembers.run(json);
      deleteOperations.run(json);
      deleteBlocks.run({ first: Math.min(...ids), last: Math.max(...ids) });
      return ids.length;
    }
    const notes = deleteNotes.run(pass).changes;
    if (notes > 0) return notes;
    if (isKept.get({ pass }) === 0) for (const statement of deleteEmptyPass) statement.run({ pass });
    return 0;
  };

  const chain = openChain(db);
  let after = 0;
  return ({ journalFrom }) => {
    const passes = selectPasses.all(after, journalFrom, passesPerSlice) as number[];
    let removed = 0;
    const last = passes.at(-1);
    if (last !== undefined) chain.cut(last);
    for (const pass of passes) {
      const before = removed;
      removed += prunePass(pass);
      if (removed > before) saveBegin.run(journalFrom);
      if (removed >= rowsPerSlice) return true;
      // A pass with more rows is continued by the next slice.
      if (removed > 0) continue;
      after = pass;
    }
    if (passes.length === passesPerSlice || removed > 0) return true;
    after = 0;
    return deleteFormerValues.run({ journalFrom }).changes > 0;
  };
}
