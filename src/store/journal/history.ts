import type Database from 'better-sqlite3';
import { instant, sourceKey, type Instant, type SourceKey } from '../../model/ids.ts';
import { pagesOf, takeUntil, type Place, type Queue } from '../audit/merge-places.ts';
import { operatorOf, type Operator } from '../audit/operator.ts';
import { optionalInstant } from '../sqlite/rows.ts';
import type { Db } from '../database.ts';
import { isDraft } from '../planning/drafts.ts';
import { openOperations, operationColumnsOf, type OperationRow } from './operations.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { ApprovalRecord, OperationState } from '../store.ts';
import { formerSpellings } from '../search/text-pattern.ts';
import { approvalById } from './approvals.ts';
import type { Operation } from '../../model/operation.ts';
import type { ResourceType } from '../../model/resource-type.ts';

/** A time of the journal, both ends included; a missing end does not limit it. */
export interface JournalPeriod {
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
}

/** Restricts the history; a missing field does not restrict it. */
export interface HistoryFilter extends JournalPeriod {
  /** Keys or userNames of users. */
  readonly user?: readonly string[] | undefined;
  /** Keys or displayNames of groups. */
  readonly group?: readonly string[] | undefined;
  readonly target?: string | undefined;
  /** Of one subject: only this number of operations, the newest ones. */
  readonly newest?: number | undefined;
}

/** One operation with its result. */
export interface HistoryRow {
  readonly id: number;
  readonly pass: number;
  readonly command: string;
  /** Who ran the pass; undefined: an earlier version did not record that. */
  readonly operator: Operator | undefined;
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
  /** When a later look first showed the effect; undefined: none did, or an older version read it. */
  readonly verified: Instant | undefined;
  /** The last look at the effect after the response. */
  readonly looked: Instant | undefined;
  /** The approval that let the operation through the guard. */
  readonly approval: ApprovalRecord | undefined;
  /** The start of the first of several passes with the same outcome, of which only the last one is kept. */
  readonly since: Instant | undefined;
  /** How many of these passes came before. */
  readonly repeats: number;
}

interface Row extends OperationRow {
  readonly pass: number;
  readonly command: string;
  readonly operator: string | null;
  readonly host: string | null;
  readonly target: string;
  readonly status: number | null;
  readonly detail: string | null;
  readonly evidence: Evidence | null;
  readonly requests: number;
  readonly retries: number;
  readonly started: number;
  readonly sent_at: number | null;
  readonly answered_at: number | null;
  readonly verified_at: number | null;
  readonly looked_at: number | null;
  readonly approval: number | null;
  readonly since: number | null;
  readonly repeats: number | null;
}

/**
 * Opens the audit trail: operations in order of time, read page by page. No statement stays open between two rows,
 * because a reader that waits for its terminal would lock the state for the next pass.
 */
export function openHistory(db: Db): (filter: HistoryFilter) => Iterable<HistoryRow> {
  const rowsOf = openHistoryRows(db);
  return function* history(filter) {
    for (const page of pagesOf(placesOf(db, filter))) yield* rowsOf(page.map(({ id }) => id));
  };
}

/** Reads the operations with these ids, in the order of the ids. */
export function openHistoryRows(db: Db): (ids: readonly number[]) => readonly HistoryRow[] {
  const operations = openOperations(db);
  const selectRows =
    db.prepare(`select ${operationColumnsOf('o')}, o.pass, p.command, p.operator, p.host, t.name as target,
      o.status, o.detail, o.evidence, o.requests, o.retries, p.started, o.sent_at, o.answered_at, o.verified_at,
      o.looked_at, o.approval,
      o.since, o.repeats
    from json_each(:ids) i join operation o on o.id = i.value
    join pass p on p.id = o.pass join target t on t.id = o.target
    where not ${isDraft('o')}`);
  return (ids) => {
    const rows = selectRows.all({ ids: JSON.stringify(ids) }) as Row[];
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const row = byId.get(id);
      return row === undefined ? [] : [toHistoryRow(row)];
    });
  };

  function toHistoryRow(row: Row): HistoryRow {
    return {
      id: row.id,
      pass: row.pass,
      command: row.command,
      operator: operatorOf(row.operator, row.host),
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
      verified: optionalInstant(row.verified_at),
      looked: optionalInstant(row.looked_at),
      approval: row.approval === null ? undefined : approvalById(db, row.approval),
      since: optionalInstant(row.since),
      repeats: row.repeats ?? 0,
    };
  }
}

/** The time of an operation: of its response, of its request, or of its pass. */
export const timeOf = ({ answered, sent, planned }: Pick<HistoryRow, 'answered' | 'sent' | 'planned'>): Instant =>
  answered ?? sent ?? planned;

/** A pass whose end lies this far before a time may have operations after it, where the clock was set back. In ms. */
const clockToleranceMs = 24 * 60 * 60 * 1000;

/** The operations in order of time. Passes overlap, so the operations of those that run at a time are merged. */
function* placesOf(db: Db, filter: HistoryFilter): Iterable<Place> {
  const { where, parameters } = conditions(filter);
  const select = (operations: string): Database.Statement =>
    db.prepare(`
      select o.id, ${timeColumn} as at
      from ${operations}
      join pass p on p.id = o.pass
      where true ${where}
      order by at, o.id`);
  const subject = subjectOf(db, filter);
  if (subject !== undefined) {
    const places = select(`(${subject.operations}) s cross join operation o on o.id = s.id`).all({
      ...parameters,
      ...subject.parameters,
    }) as Place[];
    yield* filter.newest === undefined ? places : places.slice(-filter.newest);
    return;
  }
  const ofPass = select('(select :pass as pass) one cross join operation o on o.pass = one.pass');
  const open: Queue[] = [];
  for (const { id, started } of passesWithinTime(db, filter)) {
    yield* takeUntil(open, started);
    const places = ofPass.all({ ...parameters, pass: id }) as Place[];
    if (places.length > 0) open.push({ places, next: 0 });
  }
  yield* takeUntil(open, Number.POSITIVE_INFINITY);
}

const timeColumn = 'coalesce(o.answered_at, o.sent_at, p.started)';

const passesWithinTime = (
  db: Db,
  { since = instant(0), until }: JournalPeriod,
): readonly { readonly id: number; readonly started: number }[] =>
  db
    .prepare(
      `
      select id, started
      from pass
      where (ended >= :since or ended is null)
        and started <= :until
      order by started, id`,
    )
    .all({
      since: since - clockToleranceMs,
      until: until === undefined ? Number.MAX_SAFE_INTEGER : until + clockToleranceMs,
    }) as { id: number; started: number }[];

interface SubjectOperations {
  /** A query for the ids of the operations. */
  readonly operations: string;
  readonly parameters: Record<string, unknown>;
}

/** The operations on users or groups, and on the memberships of users; undefined: of all. */
function subjectOf(db: Db, { user, group }: HistoryFilter): SubjectOperations | undefined {
  const ofRecords = (resourceType: ResourceType, keys: string): string => `
    select id
    from operation indexed by operation_by_key
    where key in (select value from json_each(${keys})) and resource_type = '${resourceType}'`;
  const ofUsers = `
    ${ofRecords('User', ':users')}
    union
    select operation
    from operation_member indexed by operation_member_by_key
    where key in (select value from json_each(:users)) and resource_type = 'User'`;
  const queries = [
    ...(user === undefined ? [] : [ofUsers]),
    ...(group === undefined ? [] : [ofRecords('Group', ':groups')]),
  ];
  if (queries.length === 0) return undefined;
  return {
    operations: queries.map((query) => `select id from (${query})`).join(' intersect '),
    parameters: {
      ...(user === undefined ? {} : { users: JSON.stringify(keysOf(db, 'User', user)) }),
      ...(group === undefined ? {} : { groups: JSON.stringify(keysOf(db, 'Group', group)) }),
    },
  };
}

function conditions({ target, since, until }: HistoryFilter): { where: string; parameters: Record<string, unknown> } {
  const where: string[] = [];
  const parameters: Record<string, unknown> = {};
  if (target !== undefined) {
    where.push('and o.target = (select id from target where name = :target)');
    parameters['target'] = target;
  }
  if (since !== undefined) {
    where.push(`and ${timeColumn} >= :since`);
    parameters['since'] = since;
  }
  if (until !== undefined) {
    where.push(`and ${timeColumn} <= :until`);
    parameters['until'] = until;
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
      select key
      from operation indexed by operation_by_name
      where resource_type = :resourceType
        and lower(name) = lower(:text)
        and state not in ('done', 'adopted')
      union
      select key
      from operation indexed by operation_by_key
      where resource_type = :resourceType
        and key = :text
      union
      select key
      from operation_member indexed by operation_member_by_key
      where resource_type = :resourceType
        and key = :text
      union
      select a.key
      from target t
      join account a indexed by account_by_name on a.target = t.id
        and a.resource_type = :resourceType
        and a.name = :folded
      union
      select key
      from former_value
      where folded in (select value from json_each(:spellings))
        and resource_type = :resourceType`,
    )
    .pluck()
    .all({
      resourceType,
      text,
      folded: text.toLowerCase(),
      spellings: JSON.stringify(formerSpellings(text)),
    }) as string[];
  return named.map(sourceKey);
}
