import type { Operation } from './operation.ts';
import type { SnapshotChange } from './outcome.ts';

/** What is no longer known of a target once this was sent and not answered. A create is a case of its own: it is looked up. */
export function doubtOf(operation: Operation): SnapshotChange {
  switch (operation.action) {
    case 'create':
    case 'claim':
      return { kind: 'keep' };
    case 'delete':
      // If somebody who was to be deleted returns, saying `active` again shows whether the account is still there.
      return operation.kind === 'User'
        ? { kind: 'doubt', paths: ['active'] }
        : { kind: 'doubt', paths: ['displayName'] };
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return { kind: 'doubt', paths: operation.edits.map(({ path }) => path) };
    case 'members':
      return { kind: 'doubtMembers', members: [...operation.add, ...operation.remove] };
  }
}
