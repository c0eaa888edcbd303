import { foldText } from '../../model/reading/key-form.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { Db } from '../database.ts';
import { toRecord, type RecordRow } from '../sqlite/rows.ts';
import { isInactive, type StagedUsers } from './key-change-candidates.ts';
import type { KeyChangeRules } from './key-change-store-interface.ts';
import { isUnplanned, keepUnreadLogins, withoutAccount } from './new-user-logins.ts';

/** Finds users of the mirror whom no target has created yet, and whose row did not change, by their logins. */
export interface UnplannedUsers {
  readonly mayExist: boolean;
  /** Those with one of these logins, in the form in which they are compared. Each user is found once. */
  withLogins(logins: Iterable<string>): readonly SourceRecord[];
  /** Those with a login of an account whose user could be the same person. */
  withLoginsOfAccounts(): readonly SourceRecord[];
}

const noUnplannedUsers: UnplannedUsers = { mayExist: false, withLogins: () => [], withLoginsOfAccounts: () => [] };

/** Of this number of other users, a reading reads the logins, too: what is not kept yet becomes less. */
const othersPerReading = 500;

/** Whether there may be such users. Each part ends at the first row. */
const unplannedUsersExist = `
  select exists (
    select 1
    from record indexed by record_by_change
    where changed_in > (select coalesce(min(planned_reading), 0) from target)
      and resource_type = 'User'
  )
    or exists (select 1 from requeue where resource_type = 'User')
    or exists (select 1 from retry where resource_type = 'User' and member_key = '')`;

/** Opens the look-up. The cost depends on what is looked for, and not on the number of these users. */
export function openUnplannedUsers(db: Db, staged: StagedUsers, rules: KeyChangeRules): UnplannedUsers {
  if (db.prepare(unplannedUsersExist).pluck().get() !== 1) return noUnplannedUsers;
  if (keepUnreadLogins(db, rules, 'unplanned')) keepUnreadLogins(db, rules, { atMost: othersPerReading });
  const { extent, seenRecords } = staged;
  const { at } = rules;
  const recordsWith = db.prepare('select record from new_user_login where login = ?').pluck();
  const find = db.prepare(`
    select r.resource_type, r.key, r.active, r.attributes
    from record r
    where r.id = :id
      and r.resource_type = 'User'
      and r.removed_in is null
      and not ${isInactive('r')}
      and ${isUnplanned('r')}
      and ${withoutAccount('r.key')}
      and not exists (select 1 from staged_record s where s.resource_type = 'User' and s.key = r.key)
      ${extent === 'full' ? '' : `and r.key not in (select key from staged_removed where resource_type = 'User')`}`);
  const found = new Set<number>();
  const usersOf = (ids: readonly number[]): readonly SourceRecord[] =>
    ids.flatMap((id) => {
      if (found.has(id)) return [];
      found.add(id);
      const row = find.get({ id, at }) as RecordRow | undefined;
      return row === undefined || (extent === 'full' && !seenRecords.has(id)) ? [] : [toRecord(row)];
    });
  return {
    mayExist: true,
    withLogins: (logins) => [...logins].flatMap((login) => usersOf(recordsWith.all(login) as number[])),
    withLoginsOfAccounts() {
      db.function('fold_text', { deterministic: true }, (text) => (typeof text === 'string' ? foldText(text) : null));
      return usersOf(db.prepare(loginsOfAccounts).pluck().all({ at }) as number[]);
    },
  };
}

/** The users with a login of an account whose user has no access, or whose row changed. */
const loginsOfAccounts = `
  with concerned (key) as (
    select key from record indexed by record_without_access
    where resource_type = 'User'
      and (removed_in is not null or active = 0)
    union
    select key from record indexed by record_by_valid_to
    where valid_to <= :at
      and resource_type = 'User'
    union
    select key from staged_record
    where resource_type = 'User'
      and is_changed = 1
  ),
  concerned_account (name, body) as (
    select a.name, a.body
    from concerned c
    cross join target x
    cross join account a on a.target = x.id
      and a.resource_type = 'User'
      and a.key = c.key
  ),
  login (text) as (
    select fold_text(name) from concerned_account
    union
    select fold_text(b.value)
    from concerned_account a
    cross join json_each(a.body) b
    where b.key glob 'emails*'
  )
  select distinct l.record
  from login t
  cross join new_user_login l on l.login = t.text`;
