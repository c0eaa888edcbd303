import { foldText } from '../../model/reading/key-form.ts';
import type { Db } from '../database.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import type { KeyChangeRules } from './key-change-store-interface.ts';

type LoginRules = Pick<KeyChangeRules, 'rules' | 'tokensOf'>;

// `cross join` fixes the order: without it, SQLite scans all accounts for each user.
/** The SQL condition that the user with this key has no account at any target. */
export const withoutAccount = (key: string): string => `
  not exists (
    select 1
    from target t
    cross join account a on a.target = t.id
      and a.resource_type = 'User'
      and a.key = ${key}
  )`;

/** Before the first load, no user has an account that could belong to another key. */
export const hasAccounts = (db: Db): boolean =>
  db.prepare(`select exists (select 1 from account where resource_type = 'User')`).pluck().get() === 1;

/**
 * The SQL condition that a target has not created the user of this record yet: its last comparison is older, or its
 * operation did not succeed.
 */
export const isUnplanned = (record: string): string => `
  (
    ${record}.changed_in > (select coalesce(min(planned_reading), 0) from target)
      or exists (
        select 1
        from target t
        cross join requeue d on d.target = t.id and d.resource_type = 'User' and d.key = ${record}.key
      )
      or exists (
        select 1
        from target t
        cross join retry d on d.target = t.id
          and d.resource_type = 'User'
          and d.key = ${record}.key
          and d.member_key = ''
      )
  )`;

/** The logins of the tokens of a user, in the form in which they are compared. Users with a common token share one. */
export const loginsOf = (tokens: ReturnType<KeyChangeRules['tokensOf']>): ReadonlySet<string> =>
  new Set(tokens.map(({ value }) => foldText(value)));

/**
 * After a reading wrote its changes to the mirror: the logins of the changed users are to be read, or those of all
 * users if other rules apply.
 *
 * @param number the reading, whose row is not written yet
 */
export function markLoginsUnread(db: Db, number: number, rules: string): void {
  if (!areKept(db, rules)) {
    markAllUnread(db);
    return;
  }
  db.prepare(
    `
    delete from new_user_login
    where record in (
      select id from record indexed by record_by_change where changed_in = ? and resource_type = 'User'
    )`,
  ).run(number);
  db.prepare(
    `
    insert or ignore into unread_new_user
    select r.id
    from record r indexed by record_by_change
    where r.changed_in = ?
      and r.resource_type = 'User'
      and r.removed_in is null
      and ${withoutAccount('r.key')}`,
  ).run(number);
}

const areKept = (db: Db, rules: string): boolean =>
  db.prepare('select login_rules from reading').pluck().get() === rules;

function markAllUnread(db: Db): void {
  db.exec(`
    delete from new_user_login;
    delete from unread_new_user;
    insert into unread_new_user
    select r.id
    from record r
    where r.resource_type = 'User'
      and r.removed_in is null
      ${hasAccounts(db) ? `and ${withoutAccount('r.key')}` : ''}`);
}

/** Whose logins are read: those of the users whom a target has not created yet, or of any, up to this number. */
export type UnreadLogins = 'unplanned' | { readonly atMost: number };

const pageSize = 500;

type UnreadRow = RecordRow & { readonly record: number; readonly removed_in: number | null };

/**
 * Reads logins that are not kept yet, by these rules.
 *
 * @returns whether those of other users are not kept yet
 */
export function keepUnreadLogins(db: Db, { rules, tokensOf }: LoginRules, which: UnreadLogins): boolean {
  if (!areKept(db, rules)) {
    markAllUnread(db);
    db.prepare('update reading set login_rules = ?').run(rules);
  }
  const page = db.prepare(`
    select d.record, r.resource_type, r.key, r.active, r.attributes, r.removed_in
    from unread_new_user d
    left join record r on r.id = d.record
      and r.resource_type = 'User'
    where d.record > :after
      ${which === 'unplanned' ? `and ${isUnplanned('r')}` : ''}
    order by d.record
    limit :limit`);
  const insert = db.prepare('insert or ignore into new_user_login (record, login) values (?, ?)');
  const settle = db.prepare('delete from unread_new_user where record = ?');
  let left = which === 'unplanned' ? Number.POSITIVE_INFINITY : which.atMost;
  for (let after = 0; left > 0;) {
    const limit = Math.min(pageSize, left);
    const rows = page.all({ after, limit }) as UnreadRow[];
    for (const row of rows) {
      if (row.key !== null && row.removed_in === null)
        for (const login of loginsOf(tokensOf(toRecord(row)))) insert.run(row.record, login);
      settle.run(row.record);
    }
    if (rows.length < limit) break;
    after = rows.at(-1)?.record ?? after;
    left -= rows.length;
  }
  return db.prepare('select exists (select 1 from unread_new_user)').pluck().get() === 1;
}
