import { sourceKey } from '../../model/ids.ts';
import { keyInForm, type KeyForm } from '../../model/reading/key-form.ts';
import { resourceTypes } from '../../model/resource-type.ts';
import type { Db } from '../database.ts';
import { pendingKeyChangeOf, pendingKeyChanges } from './key-changes.ts';
import type { KeyChangeStore, KeyPair } from './key-change-store-interface.ts';
import { keysNotInForm } from './key-form.ts';
import {
  contradictionsOfSource,
  markAsDifferent,
  markAsSame,
  relinkKeys,
  relinkProblems,
  splitByType,
} from './relink.ts';

/** Opens the key changes of a state. */
export function openKeyChangeStore(db: Db): KeyChangeStore {
  const pendingPairs = db.prepare(
    `
    select resource_type as resourceType, from_key as "from", to_key as "to"
    from key_change
    where state = 'pending'
    order by resource_type desc, from_key`,
  );
  const pendingFrom = db
    .prepare(`select from_key from key_change where resource_type = 'User' and to_key = ? and state = 'pending'`)
    .pluck();
  const pendingTo = db
    .prepare(`select to_key from key_change where resource_type = ? and from_key = ? and state = 'pending'`)
    .pluck();
  const isKnown = db
    .prepare(
      `
      select exists (select 1 from record where resource_type in (select value from json_each(:types)) and key = :key)
        or exists (
          select 1
          from target t
          join account a on a.target = t.id
            and a.resource_type in (select value from json_each(:types))
            and a.key = :key
        )`,
    )
    .pluck();
  const lastKeyForm = db.prepare(`select facts ->> '$.keyForm' from reading`).pluck();
  // A user goes first, as in a search.
  const currentKey = db
    .prepare(
      `
      select now_key
      from former_key
      where resource_type in (select value from json_each(:types))
        and key = :key
      order by resource_type desc
      limit 1`,
    )
    .pluck();
  return {
    pending: () => pendingKeyChanges(db),
    pendingPairs: () => pendingPairs.all() as KeyPair[],
    pendingFrom(to) {
      const from = pendingFrom.get(to) as string | undefined;
      return from === undefined ? undefined : sourceKey(from);
    },
    pendingTo(resourceType, from) {
      const to = pendingTo.get(resourceType, from) as string | undefined;
      return to === undefined ? undefined : sourceKey(to);
    },
    pendingOf: (key, resourceType) => pendingKeyChangeOf(db, key, resourceType),
    currentKey(key, resourceType) {
      const types = JSON.stringify(resourceType === undefined ? resourceTypes : [resourceType]);
      if (isKnown.get({ key, types }) === 1) return key;
      const now = currentKey.get({ key, types }) as string | undefined;
      if (now !== undefined) return now;
      const form = keyInForm(key, JSON.parse((lastKeyForm.get() as string | null | undefined) ?? '[]') as KeyForm);
      return isKnown.get({ key: form, types }) === 1 ? form : key;
    },
    problems: (pairs) => relinkProblems(db, pairs),
    contradictions: (pairs) => contradictionsOfSource(db, pairs),
    async relink(pairs, at) {
      const reused = pairs.filter(({ from, to }) => from === to).map(({ from }) => from);
      if (reused.length > 0) markAsSame(db, reused);
      const { User: users, Group: groups } = splitByType(
        db,
        pairs.filter(({ from, to }) => from !== to),
      );
      if (users.length > 0) relinkKeys(db, users, at);
      if (groups.length > 0) relinkKeys(db, groups, at, 'Group');
    },
    keysNotInForm: async (resourceType, canonicalKey) => keysNotInForm(db, resourceType, canonicalKey),
    async moveKeys(resourceType, pairs, at) {
      relinkKeys(db, pairs, at, resourceType);
    },
    async markAsDifferent(pairs, at) {
      markAsDifferent(db, pairs, at);
      db.exec(`update reading set fingerprint = '', bookmark = null`);
    },
  };
}
