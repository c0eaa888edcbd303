import type { Operation } from '../../../model/operation.ts';
import { recordKey } from '../../../model/record-key.ts';
import type { KnownMemberships } from '../../../store/store.ts';

/**
 * A group that was adopted may have some of the members already: some targets refuse to add them twice, others double
 * them.
 */
export function withoutExistingMembers(
  operation: Operation,
  known: Pick<KnownMemberships, 'existing'> | undefined,
): Operation | undefined {
  if (operation.action !== 'members' || known === undefined || known.existing.size === 0) return operation;
  const add = operation.add.filter((member) => !known.existing.has(recordKey(member)));
  return add.length + operation.remove.length === 0 ? undefined : { ...operation, add };
}
