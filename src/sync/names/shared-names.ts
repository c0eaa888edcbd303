import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { MirrorView, SourceSearch } from '../../store/store.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';
import { NameTable } from './name-table.ts';

/** Users who would get one userName at a target, each pair once: the first pairs, and their number. */
export interface SharedNames {
  readonly total: number;
  readonly first: readonly SharedName[];
}

/** Two users who would get the same userName. */
export interface SharedName {
  readonly name: string;
  readonly keys: readonly [string, string];
}

const maxSharedNames = 20;

const pageSize = 500;

/** Whether a row does not show the account of its user: the rules depend on groups, or on joined sources. */
export const needsMirror = ({ groupRules, usedAttributes }: TargetMapping): boolean =>
  groupRules !== undefined || usedAttributes.joined.size > 0;

/** Finds users who would get one userName at the same target. A mapping with unique userNames assigns others. */
export function collectNames(mappings: readonly TargetMapping[]): {
  readonly add: (record: SourceRecord, mapping?: TargetMapping) => void;
  readonly shared: () => SharedNames;
} {
  const tables = new Map(
    mappings
      .filter(({ uniquePaths }) => !uniquePaths('User').includes('userName'))
      .map((mapping) => [mapping, new NameTable()]),
  );
  const first: SharedName[] = [];
  const shared = new NameTable();
  return {
    add(record, only) {
      if (record.resourceType !== 'User') return;
      for (const [mapping, keysByName] of tables) {
        if (only !== undefined && only !== mapping) continue;
        const desired = mapping.desire(record);
        const name = desired.kind === 'present' ? desired.body['userName'] : undefined;
        if (typeof name !== 'string') continue;
        const earlier = keysByName.add(name.toLowerCase(), record.key);
        // Several rows of one person have one key.
        if (earlier === undefined || earlier === record.key) continue;
        const isNew = shared.add(JSON.stringify([name.toLowerCase(), earlier, record.key]), '') === undefined;
        if (isNew && first.length < maxSharedNames) first.push({ name, keys: [earlier, record.key] });
      }
    },
    shared: () => ({ total: shared.size, first }),
  };
}

/** The same at targets whose rules depend on more than a row, by the users of the mirror. */
export async function sharedNamesInMirror(
  { mirror, search }: { readonly mirror: Pick<MirrorView, 'openUserGroups'>; readonly search: SourceSearch },
  mappings: readonly TargetMapping[],
): Promise<SharedNames> {
  const dependent = mappings.filter(needsMirror);
  const names = collectNames(dependent);
  for (const mapping of dependent) {
    const addGroups = addGroupsFor(mapping, () => mirror.openUserGroups());
    for (let after: number | undefined = 0; after !== undefined;) {
      const { page, next } = search.records(after, pageSize);
      after = next;
      for (const record of await addGroups(page)) names.add(record, mapping);
    }
  }
  return names.shared();
}
