import type { Instant } from '../../model/ids.ts';
import type { RejectedRow, Row, SourcePart } from '../../model/row.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { Rejection } from '../../model/reading/rejected-row.ts';
import type { StagingOptions } from '../store.ts';
import type { BitSet } from './bit-set.ts';
import { unseen } from './unseen-rows.ts';

/** Upper bound of the rejected rows that are listed and stored. */
const maxListedRejections = 100;

/** Temporary tables for what rejected rows keep; empties them. */
export const rejectionStagingTables = `
  create temp table if not exists staged_record_in_doubt (
    record integer primary key, line integer not null, is_absent integer not null, name text not null);
  create temp table if not exists staged_membership_in_doubt (
    membership integer primary key, line integer not null);
  delete from staged_record_in_doubt; delete from staged_membership_in_doubt;`;

/** What a reading contained. `settle` adds what its rejected rows keep. */
interface SeenRows {
  readonly seenRecords: BitSet;
  readonly seenMemberships: BitSet;
}

const partsOfRecords = { users: 'User', groups: 'Group', nested: 'Nested' } as const;

type RecordPart = keyof typeof partsOfRecords;

interface StagedRejection extends Rejection {
  readonly digest: Buffer;
}

/** The rejected rows of one reading, and the records and memberships that they keep. */
export interface Rejections {
  add(part: SourcePart, row: Row, rejected: Omit<RejectedRow, 'kind'>): void;
  /** Decides which absent records and memberships a rejected row could be. Call it after the last row. */
  settle(): void;
  readonly total: number;
  /** Rows among them whose bytes are invalid in the configured encoding. */
  readonly undecodable: number;
  readonly list: readonly Rejection[];
  /** A group of the users' column without members could be named by a rejected row; it is kept then. */
  keepsEmptyGroup(record: number, name: string): boolean;
  /** Stores the rejected rows and what they keep, in place of those of the last reading. */
  commit(number: number, at: Instant): void;
  /** @returns a function that takes back what was settled, seen and counted since then */
  remember(counted: Record<string, number>): () => void;
}

/** Collects the rejected rows of a reading. */
export function openRejections(
  db: Db,
  options: StagingOptions,
  { seenRecords, seenMemberships }: SeenRows,
): Rejections {
  const { rejectedRows, nameOf } = options;
  const list: StagedRejection[] = [];
  /** Rows that `where` leaves out, by part and line. They are rejected only if an absent record could be meant. */
  const tentative = new Map<string, StagedRejection>();
  let total = 0;
  let undecodable = 0;
  const columns = 'id, resource_type, key, active, attributes';
  const findRecord = db.prepare(
    `select ${columns} from record where resource_type = ? and key = ? and removed_in is null`,
  );
  const findById = db.prepare(`select ${columns} from record where id = ?`);
  const findByHandle = db.prepare(`
    select r.id, r.resource_type, r.key, r.active, r.attributes
    from handle h
    join handle_owner o on o.handle = h.id
    join record r on r.id = o.record
      and r.resource_type = :resourceType
      and r.removed_in is null
    where h.text = :handle`);
  const insertRecord = db.prepare('insert or ignore into staged_record_in_doubt values (?, ?, ?, ?)');
  const insertMembership = db.prepare('insert or ignore into staged_membership_in_doubt values (?, ?)');

  const count = (rejection: StagedRejection): void => {
    total += 1;
    if (list.length < maxListedRejections) list.push(rejection);
  };
  const nameIn = (record: SourceRecord): string => nameOf(record) ?? record.key;
  const keep = (row: IdentifiedRow | undefined, line: number, isAbsent: boolean): void => {
    if (row !== undefined) insertRecord.run(row.id, line, isAbsent ? 1 : 0, nameIn(toRecord(row)));
  };
  const confirm = (part: SourcePart, line: number): void => {
    const id = `${part}:${line}`;
    const rejection = tentative.get(id);
    if (rejection === undefined) return;
    tentative.delete(id);
    count(rejection);
  };

  const settleRecords = (part: RecordPart, absent: Iterable<number>): void => {
    for (const id of absent) {
      const row = findById.get(id) as IdentifiedRow;
      const line = rejectedRows.recordLine(part, toRecord(row));
      if (line === undefined) continue;
      confirm(part, line);
      keep(row, line, true);
      seenRecords.add(id);
    }
  };

  return {
    add(part, row, { line, key, reason, subject, isUndecodable }) {
      if (isUndecodable === true) undecodable += 1;
      const rejection = { part, line, key, reason, digest: row.digest };
      if (subject.kind === 'unknown' && subject.isExcluded === true) tentative.set(`${part}:${line}`, rejection);
      else count(rejection);
      rejectedRows.add(part, line, subject);
      if (part === 'memberships') return;
      const resourceType = partsOfRecords[part];
      if (subject.kind === 'record') keep(findRecord.get(resourceType, key) as IdentifiedRow | undefined, line, false);
      if (subject.kind === 'membership') return;
      for (const handle of subject.handles ?? [])
        keep(findByHandle.get({ resourceType, handle }) as IdentifiedRow | undefined, line, false);
    },
    settle() {
      // Not before the last row: the reading may contain a valid row of these records, too.
      for (const id of keptRecords(db)) seenRecords.add(id);
      for (const part of ['users', 'groups', 'nested'] as const) {
        if (!rejectedRows.has(part)) continue;
        if (options.extent === 'incremental') settleRecords(part, reportedAsRemoved(db, partsOfRecords[part]));
        else if (part === 'users' || !options.groupsFromColumn)
          settleRecords(part, unseen(db, 'record', `resource_type = '${partsOfRecords[part]}'`, seenRecords));
      }
      if (options.extent === 'incremental') withholdRemovals(db);
      if (!rejectedRows.has('memberships')) return;
      const membership = db.prepare('select group_key, member_key from source_membership where id = ?');
      for (const id of unseen(db, 'source_membership', 'true', seenMemberships)) {
        const { group_key: group, member_key: member } = membership.get(id) as MembershipKeys;
        const line = rejectedRows.membershipLine(group, member);
        if (line === undefined) continue;
        confirm('memberships', line);
        seenMemberships.add(id);
        insertMembership.run(id, line);
      }
    },
    get total() {
      return total;
    },
    get undecodable() {
      return undecodable;
    },
    get list() {
      return list.map(({ digest: _, ...rejection }) => rejection);
    },
    keepsEmptyGroup(record, name) {
      const line = rejectedRows.groupColumnLine(name);
      if (line === undefined) return false;
      insertRecord.run(record, line, 1, name);
      return true;
    },
    commit(number, at) {
      storeRejections(db, list, at);
      replaceInDoubt(db, 'record', number, at);
      replaceInDoubt(db, 'membership', number, at);
    },
    remember(counted) {
      const earlier = { total, listed: list.length, tentative: [...tentative], counted: { ...counted } };
      const seen = { records: seenRecords.copy(), memberships: seenMemberships.copy() };
      return () => {
        total = earlier.total;
        list.length = earlier.listed;
        for (const [id, rejection] of earlier.tentative) tentative.set(id, rejection);
        Object.assign(counted, earlier.counted);
        seenRecords.become(seen.records);
        seenMemberships.become(seen.memberships);
      };
    },
  };
}

interface IdentifiedRow extends RecordRow {
  readonly id: number;
}

interface MembershipKeys {
  readonly group_key: string;
  readonly member_key: string;
}

const keptRecords = (db: Db): readonly number[] =>
  db.prepare('select record from staged_record_in_doubt').pluck().all() as number[];

/** The records that an incremental reading reports as removed, and that it does not contain again. */
function reportedAsRemoved(db: Db, resourceType: string): readonly number[] {
  return db
    .prepare(
      `
      select distinct r.id
      from staged_removed d
      join record r on r.resource_type = d.resource_type
        and r.key = d.key
        and r.removed_in is null
      where d.resource_type = ?
        and (d.resource_type, d.key) not in (select resource_type, key from staged_record)`,
    )
    .pluck()
    .all(resourceType) as number[];
}

/** A record in doubt is not removed, although the source reported its removal. */
function withholdRemovals(db: Db): void {
  db.exec(`
    delete from staged_removed
    where (resource_type, key) in (
      select r.resource_type, r.key
      from staged_record_in_doubt s
      join record r on r.id = s.record
    )`);
}

/** A row that was rejected before keeps its time: it is the same row if its bytes or its key are the same. */
function storeRejections(db: Db, list: readonly StagedRejection[], at: Instant): void {
  const earlier = db
    .prepare(
      `
      select min(since)
      from rejected_row
      where part = :part
        and (digest = :digest or (part <> 'memberships' and key = :key))`,
    )
    .pluck();
  const rows = list.map(({ part, line, key = null, reason, digest }) => ({
    part,
    line,
    key,
    reason,
    digest,
    since: (earlier.get({ part, digest, key }) as number | null) ?? at,
  }));
  db.exec('delete from rejected_row');
  const insert = db.prepare(
    `insert into rejected_row (part, line, key, reason, digest, since)
    values (:part, :line, :key, :reason, :digest, :since)`,
  );
  for (const row of rows) insert.run(row);
}

const doubtTables = {
  record: { mirrored: 'record', columns: ['line', 'is_absent', 'name'] },
  membership: { mirrored: 'source_membership', columns: ['line'] },
} as const;

/**
 * Replaces the rejections of the last reading. What is no longer in doubt counts as changed, because targets may have
 * withheld a create.
 */
function replaceInDoubt(db: Db, kind: keyof typeof doubtTables, number: number, at: Instant): void {
  const { mirrored, columns } = doubtTables[kind];
  const hasEnded = `${kind} > 0 and ${kind} not in (select ${kind} from staged_${kind}_in_doubt)`;
  db.prepare(
    `
    update ${mirrored}
    set changed_in = ?
    where removed_in is null
      and id in (select ${kind} from ${kind}_in_doubt where ${hasEnded})`,
  ).run(number);
  db.exec(`delete from ${kind}_in_doubt where ${hasEnded}`);
  db.prepare(
    `
    insert into ${kind}_in_doubt (${kind}, since, ${columns.join(', ')})
    select ${kind}, ?, ${columns.join(', ')} from staged_${kind}_in_doubt
    where true
    on conflict (${kind}) do update set ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  ).run(at);
}
