import type { Instant } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ReadingExtent } from '../../model/row.ts';
import type { Db } from '../database.ts';
import type { BitSet } from '../mirror/bit-set.ts';
import { unseen } from '../mirror/unseen-rows.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import { withoutAccount } from './new-user-logins.ts';

const pageSize = 1000;

/** The part of a staged reading in which key changes are looked for. */
export interface StagedUsers {
  readonly extent: ReadingExtent;
  /** Ids of the records that the reading contained. */
  readonly seenRecords: BitSet;
  readonly seenMemberships: BitSet;
  readonly groupsFromColumn: boolean;
}

/** A user without an account at any target. */
export interface NewUser {
  readonly user: SourceRecord;
  readonly isActive: boolean;
}

/** A user with an account at a target, who has lost the place in the source. */
export interface OldUser {
  readonly user: SourceRecord;
  /** The reading removes this user. */
  readonly isVanished: boolean;
  /** An inactive user has no access, so an inactive new user can be the same person. */
  readonly isInactive: boolean;
}

/** A user with an account, and the user whom the reading has under the same key. */
export interface ChangedUser {
  readonly user: SourceRecord;
  readonly now: SourceRecord;
  /** By the row of the reading. */
  readonly isInactive: boolean;
}

/** Temporary table for the keys that name another user in this reading; empties it. */
export const candidateTables = `
  create temp table if not exists reused_key (key text primary key) without rowid;
  delete from reused_key;`;

/** The SQL condition that a user has no access at `:at`. */
export const isInactive = (table: string): string =>
  `(${table}.active = 0 or coalesce(${table}.valid_to <= :at, false))`;

type Row = RecordRow & { readonly id: number; readonly isInactive: number };

function* pages<R>(pageAfter: (last: R | undefined) => R[]): Generator<R, void, undefined> {
  for (let rows = pageAfter(undefined); rows.length > 0; rows = pageAfter(rows.at(-1))) yield* rows;
}

/**
 * The users of the changed rows who have no account at any target. "New" does not mean "not in the last reading": an HR
 * system can list the old and the new record of a person for some days.
 */
export function* newUsersOfRows(db: Db, at: Instant): Generator<NewUser, void, undefined> {
  const ofReading = db.prepare(`
    select resource_type, key, active, attributes, ${isInactive('s')} as isInactive
    from staged_record s
    where resource_type = 'User'
      and key > :after
      and ${withoutAccount('s.key')}
    order by key
    limit ${pageSize}`);
  for (const row of pages<Row>((last) => ofReading.all({ after: last?.key ?? '', at }) as Row[]))
    yield { user: toRecord(row), isActive: row.isInactive === 0 };
}

/**
 * The users with an account who are no longer active in the source, those whom this reading removes first. The cost
 * depends on the number of users without access, which is small among all records.
 */
export function* oldUsers(db: Db, staged: StagedUsers, at: Instant): Generator<OldUser, void, undefined> {
  for (const row of vanishedUsers(db, staged, at))
    yield { user: toRecord(row), isVanished: true, isInactive: row.isInactive === 1 };
  for (const row of [...deactivatedUsers(db, staged, at), ...usersWithoutAccess(db, at)])
    yield { user: toRecord(row), isVanished: false, isInactive: false };
}

/**
 * The users with an account whose row changed: their key may name another person now.
 *
 * @param which only those whose account has the userName or an e-mail address of a new user, or all
 */
export function* changedUsers(
  db: Db,
  which: 'loginOfNewUser' | 'all',
  at: Instant,
): Generator<ChangedUser, void, undefined> {
  const page = db.prepare(`
    select r.resource_type, r.key, r.active, r.attributes, s.attributes as attributesNow,
      ${isInactive('s')} as isInactive
    from staged_record s
    join record r on r.resource_type = 'User'
      and r.key = s.key
    where s.resource_type = 'User'
      and s.is_changed = 1
      and s.key > :after
      and exists (
        select 1
        from target x
        cross join account a on a.target = x.id
          and a.resource_type = 'User'
          and a.key = s.key
        where ${which === 'all' ? 'true' : hasLoginOfNewUser('a')}
      )
    order by s.key
    limit ${pageSize}`);
  for (const row of pages<ChangedRow>((last) => page.all({ after: last?.key ?? '', at }) as ChangedRow[]))
    yield {
      user: toRecord(row),
      now: toRecord({ ...row, attributes: row.attributesNow }),
      isInactive: row.isInactive === 1,
    };
}

type ChangedRow = RecordRow & {
  readonly attributesNow: string;
  readonly isInactive: number;
};

/** Whether an account has the userName or an e-mail address of a new user. */
const hasLoginOfNewUser = (account: string): string => `
  (
    ${account}.name in (select login from identity_token)
      or exists (
        select 1
        from json_each(${account}.body) b
        where b.key glob 'emails*'
          and lower(b.value) in (select login from identity_token)
      )
  )`;

/** The users whom the reading removes from the mirror. */
function* vanishedUsers(db: Db, { extent, seenRecords }: StagedUsers, at: Instant): Generator<Row, void, undefined> {
  const find = db.prepare(`
    select r.id, r.resource_type, r.key, r.active, r.attributes, ${isInactive('r')} as isInactive
    from record r
    where r.id = :id
      and not ${withoutAccount('r.key')}`);
  const reported = db.prepare(`
    select r.id
    from staged_removed d
    join record r on r.resource_type = 'User'
      and r.key = d.key
      and r.removed_in is null
    where d.resource_type = 'User'
      and not exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = d.key)
    group by r.id`);
  const ids =
    extent === 'full'
      ? unseen(db, 'record', `resource_type = 'User'`, seenRecords)
      : (reported.pluck().all() as number[]);
  for (const id of ids) {
    const row = find.get({ id, at }) as Row | undefined;
    if (row !== undefined) yield row;
  }
}

/** The users whom the reading makes inactive, or whose expiry date has passed since the last one. */
function deactivatedUsers(db: Db, { extent, seenRecords }: StagedUsers, at: Instant): readonly Row[] {
  const rows = db
    .prepare(
      `
      select r.id, r.resource_type, r.key, r.active, r.attributes
      from record r
      where r.resource_type = 'User'
        and r.removed_in is null
        and r.active = 1
        and r.id in (
          select q.id
          from staged_record s
          join record q on q.resource_type = 'User'
            and q.key = s.key
          where s.resource_type = 'User'
            and ${isInactive('s')}
          union all
          select q.id
          from record q indexed by record_by_valid_to
          where q.valid_to <= :at
            and q.valid_to > (select at from reading)
            and not exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = q.key)
        )
        and not ${withoutAccount('r.key')}
      order by r.id`,
    )
    .all({ at }) as Row[];
  return extent === 'full' ? rows.filter(({ id }) => seenRecords.has(id)) : rows;
}

/**
 * Users who left or became inactive in an earlier reading, and whose account at a target has the userName or an e-mail
 * address of a new user. They have an index of their own.
 */
function usersWithoutAccess(db: Db, at: Instant): readonly Row[] {
  return db
    .prepare(
      `
      select distinct r.id, r.resource_type, r.key, r.active, r.attributes
      from (
        select id
        from record indexed by record_without_access
        where resource_type = 'User'
          and (removed_in is not null or active = 0)
        union
        select id
        from record indexed by record_by_valid_to
        where valid_to <= :at
      ) w
      cross join record r on r.id = w.id
      cross join target x
      cross join account a on a.target = x.id
        and a.resource_type = 'User'
        and a.key = r.key
      where r.resource_type = 'User'
        and not exists (
          select 1 from staged_record s where s.resource_type = 'User' and s.key = r.key and not ${isInactive('s')}
        )
        and ${hasLoginOfNewUser('a')}
      order by r.key`,
    )
    .all({ at }) as Row[];
}
