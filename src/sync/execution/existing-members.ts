import type { Operation } from '../../model/operation.ts';
import { recordKey } from '../../model/record-key.ts';
import type { ServingTarget } from '../../store/store.ts';

/**
 * A group that was adopted may have some of the members already: some targets refuse to add them twice, others double
 * them.
 */
export function withoutExistingMembers(
  operation: Operation,
  store: Pick<ServingTarget, 'existingMembers'>,
): Operation | undefined {
  if (operation.action !== 'members' || operation.add.length === 0) return operation;
  const existing = store.existingMembers(operation.key, operation.add);
  if (existing.size === 0) return operation;
  const add = operation.add.filter((member) => !existing.has(recordKey(member)));
  return add.length + operation.remove.length === 0 ? undefined : { ...operation, add };
}
