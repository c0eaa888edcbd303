import type { Db } from '../database.ts';
import { digestBytes, type DigestPage } from './blocks/digest-table.ts';
import type { DigestIndex } from './row-matcher.ts';

/** The digests of the mirror's records of one type. */
export function recordIndex(db: Db, recordType: string): DigestIndex {
  const page = pageOf(
    db,
    `
    select id, digest
    from record indexed by record_present
    where resource_type = :recordType
      and id > :after
      and removed_in is null
      and digest is not null
    order by id
    limit :limit`,
  );
  const find = db
    .prepare('select id from record where resource_type = ? and digest = ? and removed_in is null')
    .pluck();
  return {
    pageAfter: (after, limit) => page({ recordType, after, limit }),
    find: (digest) => find.get(recordType, digest) as number | undefined,
    maxRows: () => lastId(db, 'record'),
  };
}

/** The digests of the mirror's memberships. */
export function membershipIndex(db: Db): DigestIndex {
  const page = pageOf(
    db,
    `
    select id, digest
    from source_membership
    where id > :after
      and removed_in is null
      and digest is not null
    order by id
    limit :limit`,
  );
  const find = db.prepare('select id from source_membership where digest = ? and removed_in is null').pluck();
  return {
    pageAfter: (after, limit) => page({ after, limit }),
    find: (digest) => find.get(digest) as number | undefined,
    maxRows: () => lastId(db, 'source_membership'),
  };
}

const lastId = (db: Db, table: string): number =>
  (db.prepare(`select max(id) from ${table}`).pluck().get() as number | null) ?? 0;

/** SQLite joins the rows of a page: an object for each row costs more than comparing it. */
function pageOf(db: Db, rows: string): (parameters: Record<string, unknown>) => DigestPage {
  const select = db.prepare(`
    select json_group_array(id) as ids, unhex(group_concat(hex(digest), '')) as digests
    from (${rows})
    where length(digest) = ${digestBytes}`);
  return (parameters) => {
    const { ids, digests } = select.get(parameters) as { ids: string; digests: Buffer | null };
    return { ids: JSON.parse(ids) as number[], digests: digests ?? Buffer.alloc(0) };
  };
}
