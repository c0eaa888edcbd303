import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { DesiredState } from '../../model/resource.ts';
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

/** Finds users who would get one userName at the same target. A mapping with unique userNames assigns others. */
export function collectNames(mappings: readonly TargetMapping[]): {
  readonly add: (record: SourceRecord, mapping: TargetMapping, desired: DesiredState) => void;
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
    add(record, mapping, desired) {
      const name = desired.kind === 'present' ? desired.body['userName'] : undefined;
      if (record.resourceType !== 'User' || typeof name !== 'string') return;
      const earlier = tables.get(mapping)?.add(name.toLowerCase(), record.key);
      // Several rows of one person have one key.
      if (earlier === undefined || earlier === record.key) return;
      const isNew = shared.add(JSON.stringify([name.toLowerCase(), earlier, record.key]), '') === undefined;
      if (isNew && first.length < maxSharedNames) first.push({ name, keys: [earlier, record.key] });
    },
    shared: () => ({ total: shared.size, first }),
  };
}
