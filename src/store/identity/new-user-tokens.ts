import type { Db } from '../database.ts';
import { newUsersOfRows, type NewUser } from './key-change-candidates.ts';
import type { KeyChangeRules } from './key-change-store-interface.ts';
import type { UnplannedUsers } from './unplanned-users.ts';

/**
 * Inserts the tokens of new users: those of changed rows, and those with a login of an account.
 *
 * @returns a function that adds those of one more
 */
export function insertTokens(
  db: Db,
  { tokensOf, at }: KeyChangeRules,
  unplanned: UnplannedUsers,
): (newUser: NewUser) => void {
  const insert = db.prepare(`
    insert or ignore into identity_token (text, key, is_active, is_strong, value, reason, login)
    values (:text, :key, :isActive, :isStrong, :value, :reason, :login)`);
  const add = ({ user, isActive }: NewUser): void => {
    for (const { text, value, reason, isStrong } of tokensOf(user))
      insert.run({
        text,
        value,
        reason,
        key: user.key,
        isActive: Number(isActive),
        isStrong: Number(isStrong),
        login: value.toLowerCase(),
      });
  };
  for (const newUser of newUsersOfRows(db, at)) add(newUser);
  for (const user of unplanned.withLoginsOfAccounts()) add({ user, isActive: true });
  return add;
}
