import type { Operation } from './operation.ts';
import type { SnapshotChange } from './outcome.ts';

/** What is no longer known of a target once this was sent and not answered. A create is a case of its own: it is looked up. */
export function inDoubtAfter(operation: Operation): SnapshotChange {
  switch (operation.action) {
    case 'create':
    case 'verifyCreate':
      return { kind: 'keep' };
    case 'delete':
      // If somebody who was to be deleted returns, saying `active` again shows whether the account is still there.
      return operation.resourceType === 'User'
        ? { kind: 'inDoubt', paths: ['active'] }
        : { kind: 'inDoubt', paths: ['displayName'] };
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return { kind: 'inDoubt', paths: operation.edits.map(({ path }) => path) };
    case 'members':
      return { kind: 'membersInDoubt', members: [...operation.add, ...operation.remove] };
  }
}
