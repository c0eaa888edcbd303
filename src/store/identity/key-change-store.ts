import { sourceKey } from '../../model/ids.ts';
import type { Db } from '../database.ts';
import { pendingKeyChangeOf, pendingKeyChanges } from './key-changes.ts';
import type { KeyChangeStore, KeyPair } from './key-change-store-interface.ts';
import { markAsDifferent, relinkKeys, relinkProblems } from './relink.ts';

/** Opens the key changes of a state. */
export function openKeyChangeStore(db: Db): KeyChangeStore {
  const pendingPairs = db.prepare(
    `select from_key as "from", to_key as "to" from key_change where state = 'pending' order by from_key`,
  );
  const pendingFrom = db.prepare(`select from_key from key_change where to_key = ? and state = 'pending'`).pluck();
  const currentKey = db.prepare('select now_key from former_key where key = ?').pluck();
  return {
    pending: () => pendingKeyChanges(db),
    pendingPairs: () => pendingPairs.all() as KeyPair[],
    pendingFrom(to) {
      const from = pendingFrom.get(to) as string | undefined;
      return from === undefined ? undefined : sourceKey(from);
    },
    pendingOf: (key) => pendingKeyChangeOf(db, key),
    currentKey: (key) => (currentKey.get(key) as string | undefined) ?? key,
    problems: (pairs) => relinkProblems(db, pairs),
    async relink(pairs, at) {
      relinkKeys(db, pairs, at);
    },
    async markAsDifferent(pairs, at) {
      markAsDifferent(db, pairs, at);
      db.exec(`update reading set fingerprint = '', bookmark = null`);
    },
  };
}
