import { MappingError, type TargetMapping } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { FlatResource } from '../../model/resource.ts';
import { accountHolds } from '../../store/search/account-search.ts';
import type { KeyChangeView, MirrorView, SourceSearch } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import { withFormerKeys } from '../reading/key-changes.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

const pageSize = 500;

/** Several matches are listed; more than these are not needed. */
const maxFound = 20;

/** The part of the state that evaluates mappings. */
export interface MappedValueData {
  readonly mirror: Pick<MirrorView, 'last' | 'openUserGroups'>;
  readonly keyChanges: KeyChangeView;
  readonly search: Pick<SourceSearch, 'records'>;
}

/**
 * The users and groups whose account has, or would have, this text as a whole value by the mapping of a target: a
 * userName that an expression computes, of a person without an account. Evaluates all records, so it is the last search
 * in the source.
 */
export async function recordsWithMappedValue(
  { mirror, keyChanges, search }: MappedValueData,
  specs: readonly TargetSpec[],
  text: string,
): Promise<readonly SourceRecord[]> {
  const columns = (await mirror.last())?.columns;
  if (columns === undefined) return [];
  const found = new Map<string, SourceRecord>();
  for (const spec of specs) {
    const mapping = compiled(() => withFormerKeys(spec.compileMapping(columns), keyChanges));
    if (mapping === undefined) continue;
    const addGroups = addGroupsFor(mapping, () => mirror.openUserGroups());
    for (let after: number | undefined = 0; after !== undefined && found.size < maxFound;) {
      const { page, next } = search.records(after, pageSize);
      after = next;
      for (const record of await addGroups(page))
        if (accountHolds(mappedValues(mapping, record), text))
          found.set(`${record.resourceType}:${record.key}`, record);
    }
  }
  return [...found.values()];
}

/** The account that a record should have, or the values by which a record without one is recognised. */
function mappedValues(mapping: TargetMapping, record: SourceRecord): FlatResource {
  const desired = mapping.desire(record);
  return desired.kind === 'present' ? desired.body : { ...mapping.identityValues(record), ...mapping.identify(record) };
}

/** The last reading may lack what a mapping reads now. */
function compiled(compile: () => TargetMapping): TargetMapping | undefined {
  try {
    return compile();
  } catch (error) {
    if (error instanceof MappingError) return undefined;
    throw error;
  }
}
