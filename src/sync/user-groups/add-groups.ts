import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { UserGroupLookup } from '../../store/store.ts';

/** Adds their groups to users, for a target whose rules depend on them; otherwise it returns the records themselves. */
export type AddGroups = (records: readonly SourceRecord[]) => Promise<readonly SourceRecord[]>;

/** @param openLookup called only if the rules depend on groups */
export function addGroupsFor(
  { groupRules }: Pick<TargetMapping, 'groupRules'>,
  openLookup: () => UserGroupLookup,
): AddGroups {
  if (groupRules === undefined) return async (records) => records;
  const lookup = openLookup();
  return (records) => lookup.addGroups(records);
}

/** The same for what has a record, such as candidates. */
export async function withGroupsOfRecords<Item extends { readonly record: SourceRecord | undefined }>(
  items: readonly Item[],
  addGroups: AddGroups,
): Promise<readonly Item[]> {
  const records = items.map(({ record }) => record).filter((record) => record !== undefined);
  const complete = await addGroups(records);
  let index = 0;
  return items.map((item) =>
    item.record === undefined ? item : { ...item, record: complete[index++] ?? item.record },
  );
}
