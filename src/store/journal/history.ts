import type Database from 'better-sqlite3';
import { instant, sourceKey, type Instant, type SourceKey } from '../../model/ids.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { Db } from '../database.ts';
import { openOperations, operationColumns, type OperationRow } from './operations.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ApprovalRecord, OperationState } from '../store.ts';
import { approvalById } from './approvals.ts';
import type { Operation } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** Restricts the history; a missing field does not restrict it. */
export interface HistoryFilter {
  /** Keys or userNames of users. */
  readonly user?: readonly string[] | undefined;
  /** Keys or displayNames of groups. */
  readonly group?: readonly string[] | undefined;
  readonly target?: string | undefined;
  readonly since?: Instant | undefined;
}

/** One operation with its result. */
export interface HistoryRow {
  readonly id: number;
  readonly pass: number;
  readonly command: string;
  readonly target: string;
  readonly operation: Operation;
  readonly state: OperationState;
  readonly status: number | undefined;
  readonly detail: string | undefined;
  /** How strongly the target showed the result; undefined: it did not, or an older version wrote the row. */
  readonly evidence: Evidence | undefined;
  readonly requests: number;
  readonly retries: number;
  readonly planned: Instant;
  readonly sent: Instant | undefined;
  readonly answered: Instant | undefined;
  /** The approval that let the operation through the guard. */
  readonly approval: ApprovalRecord | undefined;
}

interface Row extends OperationRow {
  readonly pass: number;
  readonly command: string;
  readonly target: string;
  readonly status: number | null;
  readonly detail: string | null;
  readonly evidence: Evidence | null;
  readonly requests: number;
  readonly retries: number;
  readonly started: number;
  readonly sent_at: number | null;
  readonly answered_at: number | null;
  readonly approval: number | null;
}

const pageSize = 500;

/**
 * Opens the audit trail: operations in order of time, read page by page. No statement stays open between two rows,
 * because a reader that waits for its terminal would lock the state for the next pass.
 */
export function openHistory(db: Db): (filter: HistoryFilter) => Iterable<HistoryRow> {
  const operations = openOperations(db);
  const selectRows = db.prepare(`select ${operationColumns
    .split(', ')
    .map((column) => `o.${column}`)
    .join(', ')}, o.pass, p.command, t.name as target,
      o.status, o.detail, o.evidence, o.requests, o.retries, p.started, o.sent_at, o.answered_at, o.approval
    from json_each(:ids) i join operation o on o.id = i.value
    join pass p on p.id = o.pass join target t on t.id = o.target`);
  return function* history(filter) {
    for (const ids of idsOf(db, filter))
      for (let start = 0; start < ids.length; start += pageSize) {
        const page = ids.slice(start, start + pageSize);
        const rows = selectRows.all({ ids: JSON.stringify(page) }) as Row[];
        const byId = new Map(rows.map((row) => [row.id, row]));
        for (const id of page) {
          const row = byId.get(id);
          if (row !== undefined) yield toHistoryRow(row);
        }
      }
  };

  function toHistoryRow(row: Row): HistoryRow {
    return {
      id: row.id,
      pass: row.pass,
      command: row.command,
      target: row.target,
      operation: operations.read(row).operation,
      state: row.state,
      status: row.status ?? undefined,
      detail: row.detail ?? undefined,
      evidence: row.evidence ?? undefined,
      requests: row.requests,
      retries: row.retries,
      planned: instant(row.started),
      sent: optionalInstant(row.sent_at),
      answered: optionalInstant(row.answered_at),
      approval: row.approval === null ? undefined : approvalById(db, row.approval),
    };
  }
}

/** The ids of the operations in order of time: of one subject at once, otherwise pass by pass. */
function* idsOf(db: Db, filter: HistoryFilter): Iterable<readonly number[]> {
  const { where, parameters } = conditions(db, filter);
  const select = (condition: string): Database.Statement =>
    db
      .prepare(
        `
        select o.id
        from operation o
        join pass p on p.id = o.pass
        join target t on t.id = o.target
        where ${condition} ${where}
        order by o.pass, coalesce(o.answered_at, o.sent_at, p.started), o.id`,
      )
      .pluck();
  if (filter.user !== undefined || filter.group !== undefined) {
    yield select('true').all(parameters) as number[];
    return;
  }
  const ofPass = select('o.pass = :pass');
  const nextPass = db.prepare('select min(pass) from operation where pass > ?').pluck();
  for (let pass = nextPass.get(0) as number | null; pass !== null; pass = nextPass.get(pass) as number | null)
    yield ofPass.all({ ...parameters, pass }) as number[];
}

function conditions(
  db: Db,
  { user, group, target, since }: HistoryFilter,
): { where: string; parameters: Record<string, unknown> } {
  const where: string[] = [];
  const parameters: Record<string, unknown> = {};
  if (user !== undefined) {
    where.push(`
      and ((o.resource_type = 'User' and o.key in (select value from json_each(:users)))
        or exists (
          select 1
          from operation_member m
          where m.operation = o.id
            and m.resource_type = 'User'
            and m.key in (select value from json_each(:users))
        ))`);
    parameters['users'] = JSON.stringify(keysOf(db, 'User', user));
  }
  if (group !== undefined) {
    where.push(`and o.resource_type = 'Group' and o.key in (select value from json_each(:groups))`);
    parameters['groups'] = JSON.stringify(keysOf(db, 'Group', group));
  }
  if (target !== undefined) {
    where.push('and t.name = :target');
    parameters['target'] = target;
  }
  if (since !== undefined) {
    where.push('and coalesce(o.answered_at, o.sent_at, p.started) >= :since');
    parameters['since'] = since;
  }
  return { where: where.join(' '), parameters };
}

/** The keys of the records with one of these keys, names, or names in the past. */
function keysOf(db: Db, resourceType: ResourceType, texts: readonly string[]): readonly string[] {
  return [...new Set(texts.flatMap((text) => [text, ...keysNamed(db, resourceType, text)]))];
}

/** The keys of the records with this key in the journal, or that have or had this name at a target, in any case. */
export function keysNamed(db: Db, resourceType: ResourceType, text: string): readonly SourceKey[] {
  const named = db
    .prepare(
      `
      select distinct key
      from operation
      where resource_type = :resourceType
        and lower(name) = lower(:text)
      union
      select key
      from operation
      where resource_type = :resourceType
        and key = :text
      union
      select key
      from operation_member
      where resource_type = :resourceType
        and key = :text
      union
      select key
      from account
      where resource_type = :resourceType
        and name = :folded`,
    )
    .pluck()
    .all({ resourceType, text, folded: text.toLowerCase() }) as string[];
  return named.map(sourceKey);
}
