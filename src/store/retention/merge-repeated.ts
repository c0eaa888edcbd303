import { openChain } from '../chain/chain.ts';
import type { Db } from '../database.ts';
import { payloadOf } from '../journal/operations.ts';
import type { RetentionStep } from './retention-interface.ts';

/** Passes that one slice looks at. */
const passesPerSlice = 50;
/** Operations, or notes, that one slice compares: some milliseconds. */
const rowsPerSlice = 200;

/** The operation `e` before the operation `o`, of the same kind on the same record, in an earlier pass. */
const earlierOf = `
  select e.id
  from operation e indexed by operation_by_key
  where e.key = o.key
    and e.resource_type = o.resource_type
    and e.target = o.target
    and e.action = o.action
    and e.pass < o.pass
  order by e.id desc
  limit 1`;

const membersWithout = (one: string, other: string): string => `
  exists (
    select 1
    from operation_member m
    where m.operation = ${one}.id
      and not exists (
        select 1
        from operation_member n
        where n.operation = ${other}.id
          and n.removed = m.removed
          and n.resource_type = m.resource_type
          and n.key = m.key
      )
  )`;

/** The operations `o` and `e` set the same, and had the same result. */
const isSame = `
  e.state = o.state
    and e.status is o.status
    and e.detail is o.detail
    and e.approval is null
    and coalesce(${payloadOf('e', 'edits')}, ${payloadOf('e', 'body')})
      is coalesce(${payloadOf('o', 'edits')}, ${payloadOf('o', 'body')})
    and not ${membersWithout('o', 'e')}
    and not ${membersWithout('e', 'o')}`;

interface Repeated {
  readonly id: number;
  readonly earlier: number;
}

/**
 * Keeps once what each pass finds again: an operation that is held, skipped or refused as before, and a note with the
 * same text. The row of the last pass stays, with the time of the first one.
 *
 *     pass 7   held                                   pass 7
 *     pass 8   held                            ──▶    pass 8
 *     pass 9   held since pass 7, 1 repeat            pass 9   held since pass 7, 2 repeats
 */
export function openMergeRepeated(db: Db): RetentionStep {
  const chain = openChain(db);
  const selectMark = db.prepare(`select mark from retention_mark where step = 'repeated'`).pluck();
  const saveMark = db.prepare(`insert or replace into retention_mark (step, mark) values ('repeated', ?)`);
  const selectPasses = db.prepare('select id, ended is not null as isEnded from pass where id > ? order by id limit ?');
  const selectRepeated = db.prepare(`
    select o.id, e.id as earlier
    from operation o indexed by operation_without_effect
    join operation e on e.id = (${earlierOf})
    where o.pass = ?
      and o.state in ('held', 'skipped', 'failed')
      and not exists (select 1 from verification v where v.operation = e.id)
      and ${isSame}
    limit ${rowsPerSlice}`);
  const updateLater = db.prepare(`
    update operation
    set repeats = coalesce(repeats, 0) + 1 + coalesce((select e.repeats from operation e where e.id = :earlier), 0),
      since = coalesce(
        (select coalesce(e.since, p.started) from operation e join pass p on p.id = e.pass where e.id = :earlier),
        since
      )
    where id = :id`);
  const deleteMembers = db.prepare('delete from operation_member where operation = ?');
  const deleteOperation = db.prepare('delete from operation where id = ?');
  const sameNote = `
    e.key = n.key
      and e.target = n.target
      and e.resource_type = n.resource_type
      and e.text = n.text
      and e.problem = n.problem
      and e.name = n.name
      and e.pass < n.pass`;
  const selectNotes = db.prepare(`
    select n.rowid as id, e.rowid as earlier
    from note n indexed by note_by_pass
    join note e indexed by note_by_record on ${sameNote}
    where n.pass = ?
    order by e.rowid
    limit ${rowsPerSlice}`);
  const updateNote = db.prepare(`
    update note
    set since = min(
      coalesce(since, 9e15),
      (select coalesce(e.since, p.started) from note e join pass p on p.id = e.pass where e.rowid = :earlier)
    )
    where rowid = :id`);
  const deleteNote = db.prepare('delete from note where rowid = ?');

  /** @returns how many rows were merged */
  const merge = (pass: number): number => {
    const operations = selectRepeated.all(pass) as Repeated[];
    for (const { id, earlier } of operations) {
      updateLater.run({ id, earlier });
      deleteMembers.run(earlier);
      deleteOperation.run(earlier);
    }
    chain.remove(operations.map(({ earlier }) => earlier));
    const notes = selectNotes.all(pass) as Repeated[];
    const merged = new Set<number>();
    for (const { id, earlier } of notes) {
      // Two equal notes of one pass: the earlier one belongs to the first of them.
      if (merged.has(earlier)) continue;
      merged.add(earlier);
      updateNote.run({ id, earlier });
      deleteNote.run(earlier);
    }
    return operations.length + merged.size;
  };

  return () => {
    const mark = (selectMark.get() as number | undefined) ?? 0;
    const passes = selectPasses.all(mark, passesPerSlice) as { id: number; isEnded: number }[];
    let through = mark;
    let merged = 0;
    for (const { id, isEnded } of passes) {
      if (isEnded === 0) break;
      merged = merge(id);
      if (merged > 0) break;
      through = id;
    }
    if (through > mark) saveMark.run(through);
    return merged > 0 || (passes.length === passesPerSlice && through > mark);
  };
}
