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
  const groups = db
    .prepare(`select key, removed_in is null as isPresent from record where resource_type = 'Group' and ${isOwnRow()}`)
    .all() as { readonly key: string; readonly isPresent: number }[];
  const countMembers = db
    .prepare('select count(*) from source_membership where group_key = ? and removed_in is null')
    .pluck();
  // Few groups have several spellings; the members of other groups are not counted.
  const weightOf = ({ key, isPresent }: (typeof groups)[number]): number =>
    isPresent === 1 ? 1 + (countMembers.get(key) as number) : 0;
  const chosen = new Map<string, (typeof groups)[number]>();
  for (const group of groups) {
    const folded = foldedName(group.key);
    const other = chosen.get(folded);
    if (other === undefined || weightOf(group) > weightOf(other)) chosen.set(folded, group);
  }
  return new Map([...chosen].map(([folded, { key }]) => [folded, key]));
}
