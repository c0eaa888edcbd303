import { phases } from '../../../plan/phases.ts';
import type { StoredOperation } from '../../../store/store.ts';

/**
 * Whether an operation may be sent before the one before it is answered. In Bulk requests, an operation may refer to a
 * record that is still being created, as a manager or a member; only a group must exist before members are added.
 */
export function mayOverlap(
  before: Pick<StoredOperation, 'phase' | 'wave'>,
  after: Pick<StoredOperation, 'phase' | 'wave'>,
  isBulk: boolean,
): boolean {
  if (before.phase === after.phase && before.wave === after.wave) return true;
  return isBulk && before.phase >= phases.createUsers;
}
