import { recordKey } from '../../model/record-key.ts';
import type { Drift } from '../../model/target/drift.ts';
import { displayName } from '../../plan/diff.ts';
import type { DriftCheck } from './drift-check.ts';

/** Stores the second accounts of users that the list shows. They are not changed: one may be of another person. */
export async function recordDuplicates({ store, clock }: DriftCheck): Promise<void> {
  const byUser = new Map<string, Drift[]>();
  for (const { known, remoteId, isActive } of store.drift.duplicates()) {
    const { resourceType, key, body } = known;
    const duplicate: Drift = {
      ...{ kind: 'twin', resourceType, key, remoteId, path: '', name: displayName('User', body), policy: 'report' },
      ...{ acknowledged: known.remoteId, shown: { id: remoteId, active: isActive } },
    };
    byUser.set(recordKey(known), [...(byUser.get(recordKey(known)) ?? []), duplicate]);
  }
  for (const duplicates of byUser.values()) {
    const [first] = duplicates;
    if (first !== undefined) await store.drift.record(first, ['twin'], duplicates, clock.now());
  }
}
