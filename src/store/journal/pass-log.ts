import { inDoubtAfter } from '../../model/in-doubt.ts';
import type { Instant } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { openSnapshot } from '../snapshot/snapshot.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import type { Note } from '../store.ts';
import type { Journal } from '../interface/every-side.ts';
import { discardDrafts } from '../planning/drafts.ts';
import { openOperations, operationColumns, type OperationRow } from './operations.ts';

type PassLog = Pick<
  Journal,
  | 'begin'
  | 'end'
  | 'wasRefused'
  | 'hasRefusal'
  | 'closeInterrupted'
  | 'closeTarget'
  | 'recordAction'
  | 'setReading'
  | 'saveSummary'
  | 'note'
  | 'allNotes'
>;

const notesPerPage = 500;

interface NoteRow extends Omit<Note, 'problem'> {
  readonly id: number;
  readonly problem: number;
}

/** Opens the part of the journal that holds passes, their results and notes. */
export function openPassLog(
  db: Db,
  commits: GroupCommit,
  targetOf: (name: string) => { readonly id: number },
): PassLog {
  const insertNote = db.prepare(
    'insert into note (pass, target, resource_type, key, name, text, problem) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const selectNotes = db.prepare(`
    select rowid as id, resource_type as resourceType, key, name, text, problem
    from note
    where pass = ?
      and target = ?
      and rowid > ?
    order by rowid
    limit ?`);

  /** The passes that run in this process. */
  const running = new Set<number>();
  return {
    async begin(command, at, operator) {
      const interrupted = closeInterrupted(db, at, running);
      const { lastInsertRowid } = db
        .prepare('insert into pass (command, started, operator, host) values (?, ?, ?, ?)')
        .run(command, at, operator?.name ?? null, operator?.host ?? null);
      const pass = Number(lastInsertRowid);
      running.add(pass);
      return { pass, interrupted };
    },
    end: (pass, at, result, note, refusal) =>
      commits.write(() => {
        running.delete(pass);
        const judgements = refusal === undefined ? null : JSON.stringify(refusal);
        db.prepare('update pass set ended = ?, result = ?, note = ?, judgements = ? where id = ?').run(
          at,
          result,
          note ?? null,
          judgements,
          pass,
        );
      }),
    async wasRefused(code, since) {
      const refusal = db.prepare(`
        select 1
        from pass p, json_each(p.judgements) j
        where p.started >= ?
          and j.value ->> 'code' = ?
          and j.value ->> 'refused' = 1
        limit 1`);
      return refusal.get(since, code) !== undefined;
    },
    async hasRefusal(since) {
      return db.prepare(`select 1 from pass where ended > ? and result = 'refused' limit 1`).get(since) !== undefined;
    },
    async closeInterrupted(at) {
      closeInterrupted(db, at, running);
    },
    closeTarget: (pass, target, at) =>
      commits.write(() => {
        closeOperations(db, [pass], targetOf(target).id, at);
      }),
    async recordAction({ command, at, operator, note }) {
      db.prepare(
        `
        insert into pass (command, started, ended, result, note, is_operator_action, operator, host)
        values (:command, :at, :at, 'done', :note, 1, :name, :host)`,
      ).run({ command, at, note, ...operator });
    },
    async setReading(pass, reading) {
      db.prepare('update pass set reading = ? where id = ?').run(reading, pass);
    },
    saveSummary: (pass, target, summary) =>
      commits.write(() => {
        db.prepare('insert or replace into pass_target (pass, target, summary) values (?, ?, ?)').run(
          pass,
          targetOf(target).id,
          JSON.stringify(summary),
        );
      }),
    async note(pass, target, notes) {
      const { id } = targetOf(target);
      for (const { resourceType, key, name, text, problem } of notes)
        insertNote.run(pass, id, resourceType, key, name, text, problem ? 1 : 0);
    },
    async *allNotes(pass, target) {
      for (let lastId = 0; ;) {
        const page = selectNotes.all(pass, targetOf(target).id, lastId, notesPerPage) as NoteRow[];
        const last = page.at(-1);
        if (last === undefined) return;
        lastId = last.id;
        for (const { id: _, problem, ...note } of page) yield { ...note, problem: problem === 1 };
      }
    },
  };
}

const ofPasses = `
  pass in (select value from json_each(:passes))
  and target = coalesce(:target, target)`;

/**
 * Closes passes whose process died. The operations that they sent may have taken effect, so a create must be verified
 * before it is sent again. The operations that they only planned need no treatment: the next planning finds them again.
 *
 * @param running the passes of this process, which stay open
 */
function closeInterrupted(db: Db, at: Instant, running: ReadonlySet<number>): number {
  return db
    .transaction(() => {
      const open = db.prepare('select id from pass where ended is null').pluck().all() as number[];
      const interrupted = open.filter((pass) => !running.has(pass));
      if (interrupted.length === 0) return 0;
      closeOperations(db, interrupted, undefined, at);
      return db
        .prepare(`update pass set ended = ?, result = 'interrupted' where id in (select value from json_each(?))`)
        .run(at, JSON.stringify(interrupted)).changes;
    })
    .immediate();
}

/** Ends the open operations of passes. @param target undefined: at all targets */
function closeOperations(db: Db, passes: readonly number[], target: number | undefined, at: Instant): void {
  const of = { passes: JSON.stringify(passes), target: target ?? null };
  discardDrafts(db, of);
  db.prepare(
    `
    insert into requeue (target, resource_type, key, verify_first)
    select target, resource_type, key, 1
    from operation
    where ${ofPasses}
      and state = 'sent'
      and action in ('create', 'verifyCreate')
    on conflict (target, resource_type, key) do update set verify_first = 1`,
  ).run(of);
  markUnansweredInDoubt(db, of, at);
  db.prepare(
    `
    update operation
    set state = 'unknown', detail = 'the pass was interrupted before an answer was recorded'
    where ${ofPasses}
      and state = 'sent'`,
  ).run(of);
  db.prepare(
    `
    update operation
    set state = 'skipped', detail = 'the pass was interrupted before this was sent'
    where ${ofPasses}
      and state = 'planned'`,
  ).run(of);
}

/**
 * Marks what operations other than creates changed: the snapshot holds the old values, the target may hold the new
 * ones.
 */
function markUnansweredInDoubt(
  db: Db,
  of: { readonly passes: string; readonly target: number | null },
  at: Instant,
): void {
  const operations = openOperations(db);
  const rows = db
    .prepare(
      `
      select ${operationColumns}, target
      from operation
      where ${ofPasses}
        and state = 'sent'
        and action not in ('create', 'verifyCreate')`,
    )
    .all(of) as (OperationRow & { target: number })[];
  for (const row of rows) {
    const { operation } = operations.read(row);
    openSnapshot(db, row.target).apply(operation.resourceType, operation.key, inDoubtAfter(operation), at);
  }
}
