import type Database from 'better-sqlite3';
import { isDuty } from '../retention/duties.ts';

type Db = Database.Database;

/**
 * The operations that a planning reads: of the passes in the window of the guard, those with a duty, and all operations
 * on the records that are planned again, whose account is in trouble, or that were deleted within the window.
 */
const neededOperations = `
  with recent (id) as (
    select o.id
    from pass p
    cross join operation o indexed by operation_by_pass on o.pass = p.id
    where p.ended >= min(:guardFrom, coalesce((select completed from reading), :guardFrom)) or p.ended is null
  ),
  planned_again (key) as (
    select key from requeue
    union
    select group_key from requeue_membership
    union
    select key
    from account
    where in_doubt is not null
      or missing_since is not null
      or deletion_refused_at is not null
      or unproven_removals > 0
      or may_have_duplicates = 1
    union
    select o.key from recent r cross join operation o on o.id = r.id where o.action = 'delete'
  )
  select id from recent
  union
  select o.id
  from planned_again k
  cross join operation o indexed by operation_by_key on o.key = k.key
  union
  select operation from verification
  union
  select id from needed_pass
  union
  select o.id
  from operation o indexed by operation_by_name
  where o.state not in ('done', 'adopted')
    and o.state <> 'skipped'
    and ${isDuty('o')}`;

/** What of a table is copied, where that is not all. `o`: its rows. */
const partOf: Readonly<Record<string, string>> = {
  chain_entry: 'where false',
  operation: 'where o.id in (select id from needed_operation)',
  operation_member: 'where o.operation in (select id from needed_operation)',
  operation_payload: 'where o.operation in (select id from needed_operation)',
  deleted_account: 'where o.operation in (select id from needed_operation)',
  deleted_membership: 'where o.operation in (select id from needed_operation)',
  payload_block: 'where exists (select 1 from needed_pass p where p.id between o.first_operation and o.last_operation)',
  // A planning writes notes and summaries, and reads those of its own pass.
  note: 'where false',
  drift_seen: 'where false',
};

/** The columns of the summaries without their content: a planning reads when the passes of a target were. */
const columnsOf: Readonly<Record<string, string>> = { pass_target: `pass, target, '{}'` };

/** What a dry run reads of the journal. */
export interface NeededPart {
  /** The guards count what was done since then. */
  readonly guardFrom: number;
  /** The pass that is undone; undefined: none. */
  readonly pass?: number | undefined;
}

interface Definition {
  readonly type: string;
  readonly name: string;
  readonly sql: string;
}

/**
 * Copies what a planning reads from the state into an empty database, in one transaction: the last committed state. The
 * journal of years stays where it is, so that the time depends on the number of users. Equal tables are copied page by
 * page (https://www.sqlite.org/lang_vacuum.html, "xfer optimization").
 *
 * @param file the state; another connection of this process has it open, and sees to it that no trace stays
 */
export function copyNeeded(copy: Db, file: string, { guardFrom, pass }: NeededPart): void {
  copy.pragma('foreign_keys = off');
  copy.pragma('journal_mode = off');
  copy.pragma('synchronous = off');
  copy.prepare('attach ? as state').run(file);
  copy.exec('begin');
  // The tables of the copy do not exist yet, so these are the tables of the state.
  copy.exec('create temp table needed_operation (id integer primary key)');
  copy.exec('create temp table needed_pass (id integer primary key)');
  copy.prepare('insert into needed_pass select id from operation where pass = ?').run(pass ?? null);
  copy.prepare(`insert into needed_operation ${neededOperations}`).run({ guardFrom });
  const definitions = copy
    .prepare(
      `
      select type, name, sql
      from state.sqlite_schema
      where sql is not null
        and name not glob 'sqlite_*'
      order by type = 'trigger', type = 'index'`,
    )
    .all() as Definition[];
  for (const { type, sql } of definitions) if (type !== 'trigger') copy.exec(sql);
  for (const { type, name } of definitions)
    if (type === 'table')
      copy.exec(
        `insert into main."${name}" select ${columnsOf[name] ?? '*'} from state."${name}" o ${partOf[name] ?? ''}`,
      );
  for (const { type, sql } of definitions) if (type === 'trigger') copy.exec(sql);
  for (const name of ['user_version', 'application_id'])
    copy.pragma(`main.${name} = ${String(copy.pragma(`state.${name}`, { simple: true }))}`);
  copy.exec('commit; detach state; drop table temp.needed_operation; drop table temp.needed_pass');
}
