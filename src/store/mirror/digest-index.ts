import type { Db } from '../database.ts';
import type { DigestIndex, DigestRow } from './row-matcher.ts';

/** The digests of the mirror's records of one type. */
export function recordIndex(db: Db, recordType: string): DigestIndex {
  const page = db.prepare(`
    select id, digest
    from record indexed by record_present
    where resource_type = ?
      and id > ?
      and removed_in is null
      and digest is not null
    order by id
    limit ?`);
  const find = db
    .prepare('select id from record where resource_type = ? and digest = ? and removed_in is null')
    .pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(recordType, id, limit) as DigestRow[],
    find: (digest: Buffer) => find.get(recordType, digest) as number | undefined,
  };
}

/** The digests of the mirror's memberships. */
export function membershipIndex(db: Db): DigestIndex {
  const page = db.prepare(`
    select id, digest
    from source_membership
    where id > ?
      and removed_in is null
      and digest is not null
    order by id
    limit ?`);
  const find = db.prepare('select id from source_membership where digest = ? and removed_in is null').pluck();
  return {
    pageAfter: (id: number, limit: number) => page.all(id, limit) as DigestRow[],
    find: (digest: Buffer) => find.get(digest) as number | undefined,
  };
}
