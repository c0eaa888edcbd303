import type { RemoteId } from './ids.ts';
import type { SnapshotChange } from './outcome.ts';

/** The remote id of an account after a change; undefined: it has none. */
export function remoteIdAfter(change: SnapshotChange, before: RemoteId | undefined): RemoteId | undefined {
  switch (change.kind) {
    case 'forget':
      return undefined;
    case 'adopt':
      return change.resource.remoteId;
    case 'remember':
      return change.remoteId ?? before;
    default:
      return before;
  }
}
