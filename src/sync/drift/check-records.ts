import type { RecordRef } from '../../store/store.ts';
import { maxControls } from '../execution/control-accounts.ts';
import { readHiddenAgain } from './check-target.ts';
import type { DriftCheck } from './drift-check.ts';
import { noteShown, readAccount, withOwner } from './read-account.ts';

/**
 * Compares some accounts and groups by their ids. What is in doubt, or planned again, is left out.
 *
 * @returns whether all of them could be compared
 */
export async function checkRecords(check: DriftCheck, records: readonly RecordRef[]): Promise<boolean> {
  const { store, target, serving, mapping, stop, findings } = check;
  let skipped = 0;
  for (const { resourceType, key } of records) {
    const known = store.known(resourceType, key);
    if (known === undefined || !store.drift.isComparable({ resourceType, key })) skipped += 1;
    else await target.submit(() => readAccount(check, known));
  }
  await target.idle();
  if (findings.hidden.length > 0) {
    // Some other accounts show whether the target returns these paths at all.
    for (const control of await serving.controlAccounts(0, maxControls)) {
      const read = await target.readKnown(control, mapping.paths('User'), stop);
      if (read.kind === 'present') noteShown(check, withOwner(check, read.resource));
    }
    await readHiddenAgain(check);
  }
  return skipped === 0;
}
