import type { SourceKey } from '../../model/ids.ts';
import type { Operation } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import { isRename } from '../../plan/attribute-diff.ts';

/**
 * Whether a change adopts an account of a user that has another userName, e-mail address or `active` than the user.
 *
 * The next round plans the update of these values, and the guard judges it. Until then the owner of the account is in
 * doubt, and the memberships that this round plans for the user wait.
 */
function adoptsOtherName(operation: Operation, change: SnapshotChange): boolean {
  if (change.kind !== 'adopt' || operation.resourceType !== 'User' || !('body' in operation)) return false;
  const atTarget = change.resource.body;
  return Object.entries(operation.body).some(([path, to]) =>
    isRename('User', { path, from: atTarget[path] ?? null, to }),
  );
}

/**
 * Whether the memberships that this round plans for a user wait for the next round: the account that was adopted may be
 * that of another person, or the create is repeated with the next unique value.
 */
export const membersWait = (operation: Operation, outcome: Outcome, change: SnapshotChange): boolean =>
  adoptsOtherName(operation, change) ||
  (outcome.kind === 'valueTaken' && operation.action === 'create' && operation.resourceType === 'User');

/** An operation without the members who wait for the next round; undefined: no member is left. */
export function withoutWaitingMembers(operation: Operation, waiting: ReadonlySet<SourceKey>): Operation | undefined {
  if (operation.action !== 'members' || waiting.size === 0) return operation;
  const add = operation.add.filter(({ resourceType, key }) => resourceType !== 'User' || !waiting.has(key));
  if (add.length === operation.add.length) return operation;
  return add.length + operation.remove.length === 0 ? undefined : { ...operation, add };
}
