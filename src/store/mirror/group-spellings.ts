import { isOwnRow } from './own-rows.ts';
import { foldedName } from '../../model/reading/header-name.ts';
import type { Db } from '../database.ts';

/** Names of groups in a column that differ only in case, blanks or invisible characters, as one group. */
export interface GroupSpellings {
  /** The key of the group: the spelling in the mirror, or the first one of this reading. */
  keyOf(name: string): string;
  /** Groups with several spellings in the rows of this reading; the first of them. */
  found(): readonly { readonly group: string; readonly spellings: readonly string[] }[];
}

/** Upper bound of the messages that an operator gets. */
const maxListed = 20;

/** The keys of all groups are in memory from the first group name on. */
export function openGroupSpellings(db: Db): GroupSpellings {
  const spellings = new Map<string, Set<string>>();
  let keys: Map<string, string> | undefined;
  return {
    keyOf(name) {
      const folded = foldedName(name);
      keys ??= mirroredKeys(db);
      const key = keys.get(folded) ?? name;
      keys.set(folded, key);
      if (name === key && !spellings.has(key)) return key;
      const known = spellings.get(key) ?? new Set([key]);
      spellings.set(key, known.add(name));
      return key;
    },
    found: () => [...spellings].slice(0, maxListed).map(([group, names]) => ({ group, spellings: [...names] })),
  };
}

/** Of several spellings in the mirror, the one of a present group with the most members. */
function mirroredKeys(db: Db): Map<string, string> {
  const rows = db
    .prepare(
      `
      select r.key
      from record r
      where r.resource_type = 'Group'
        and ${isOwnRow('r')}
      order by r.removed_in is null, (
        select count(*)
        from source_membership m
        where m.group_key = r.key
          and m.removed_in is null
      )`,
    )
    .pluck()
    .all() as string[];
  return new Map(rows.map((key) => [foldedName(key), key]));
}
