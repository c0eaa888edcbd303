import { MappingError } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { TargetSpec } from '../context.ts';
import { withFormerKeys } from '../reading/key-changes.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

/**
 * Which rule of the configuration of now decides whether a user is in scope, by target.
 *
 * @param record undefined: the source does not have the user, so no rule decides
 */
export async function scopeRules(
  { mirror, keyChanges }: Pick<ReadOnlyStore, 'mirror' | 'keyChanges'>,
  specs: readonly TargetSpec[],
  record: SourceRecord | undefined,
): Promise<(target: string) => string | undefined> {
  const rules = new Map<string, string>();
  const columns = record === undefined ? undefined : (await mirror.last())?.columns;
  if (record === undefined || columns === undefined) return () => undefined;
  for (const spec of specs)
    try {
      const mapping = withFormerKeys(spec.compileMapping(columns), keyChanges);
      const [withGroups] = await addGroupsFor(mapping, () => mirror.openUserGroups())([record]);
      if (withGroups !== undefined) rules.set(spec.name, mapping.explain(withGroups).scope.reason);
    } catch (error) {
      // The last reading may lack what a mapping reads now.
      if (!(error instanceof MappingError)) throw error;
    }
  return (target) => rules.get(target);
}
