import type { Operation } from './operation.ts';
import type { SnapshotChange } from './outcome.ts';

/** What is in doubt after this operation was sent without a response. A create is different: it is looked up. */
export function inDoubtAfter(operation: Operation): SnapshotChange {
  switch (operation.action) {
    case 'create':
    case 'verifyCreate':
      return { kind: 'keep' };
    case 'delete':
      // If the leaver returns, sending `active` again shows whether the account still exists.
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
