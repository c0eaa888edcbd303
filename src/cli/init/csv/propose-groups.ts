import { plainName, type ColumnFacts } from './column-facts.ts';

const groupNames = /^(?:groups?|teams?|roles?|memberof|memberships?|gruppen?|groupes?|grupos?)$/;
const separators: readonly string[] = [';', '|', ','];

/** The column that is named like the groups of a user. */
export const proposeGroupsColumn = (columns: readonly ColumnFacts[]): string | undefined =>
  columns.find(({ name }) => groupNames.test(plainName(name)))?.name;

/** What separates the groups in the cells of a column: the character that most of them contain. */
export function proposeSeparator({ examples }: Pick<ColumnFacts, 'examples'>): string {
  const counts = separators.map((separator) => ({
    separator,
    count: examples.filter((value) => value.includes(separator)).length,
  }));
  return counts.toSorted((a, b) => b.count - a.count)[0]?.separator ?? ';';
}

/** The column of memberships whose values are mostly in a set of keys. */
export function proposeReferences(columns: readonly ColumnFacts[], keys: ReadonlySet<string>): string | undefined {
  const ranked = columns
    .map(({ name, examples }) => ({ name, share: shareIn(examples, keys) }))
    .toSorted((a, b) => b.share - a.share);
  const [best] = ranked;
  return best !== undefined && best.share >= 0.5 ? best.name : undefined;
}

/** The share of values that are in a set. */
export const shareIn = (values: readonly string[], keys: ReadonlySet<string>): number =>
  values.filter((value) => keys.has(value)).length / Math.max(1, values.length);
