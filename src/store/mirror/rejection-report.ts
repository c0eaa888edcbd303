import type { Db } from '../database.ts';
import { isOwnRow } from './own-rows.ts';
import type { RejectionReport, StoredRejection, WaitingRecord } from '../store.ts';

/** The rejected rows of the last reading and what they keep, the first `limit` of each. */
export function readRejectionReport(db: Db, limit: number): RejectionReport {
  const count = (sql: string): number => (db.prepare(sql).pluck().get() as number | undefined) ?? 0;
  const rows = db
    .prepare('select part, line, key, reason, since from rejected_row order by id limit ?')
    .all(limit) as (Omit<StoredRejection, 'key'> & { readonly key: string | null })[];
  const records = db
    .prepare(
      `
      select r.resource_type as resourceType, r.key, d.name, d.since, d.line
      from record_in_doubt d
      join record r on r.id = d.record
      where d.is_absent = 1
        and ${isOwnRow('r')}
        and r.resource_type <> 'Nested'
      order by d.since, r.resource_type desc, r.key
      limit ?`,
    )
    .all(limit) as WaitingRecord[];
  return {
    rejected: {
      total: count('select rejected from reading'),
      rows: rows.map((row) => ({ ...row, key: row.key ?? undefined })),
    },
    waiting: {
      total: count(`
        select count(*)
        from record_in_doubt d
        join record r on r.id = d.record
        where d.is_absent = 1
          and ${isOwnRow('r')}
          and r.resource_type <> 'Nested'`),
      records,
    },
    waitingMemberships: count('select count(*) from membership_in_doubt where membership > 0'),
  };
}
