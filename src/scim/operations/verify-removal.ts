import type { RemoteId } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import { judgeRemoval, type LookupEvidence, type Removal, type RemovalVerdict } from '../judge/judge-removal.ts';
import type { ClientContext } from '../operation-context.ts';
import { idReading } from '../absence/prove-missing.ts';
import { get } from '../read/get-resource.ts';
import { find } from '../read/lookup.ts';
import type { OperationExecution } from '../transport/execution.ts';

/** A removal to read back. */
export interface RemovalToVerify extends Removal {
  readonly remoteId: RemoteId;
  /** The resource as it was last known, for a look-up. */
  readonly body: FlatResource;
  /** Paths that the mapping manages. */
  readonly paths: readonly string[];
}

/** Reads a removed resource and judges whether the removal took effect. Sends only GET requests. */
export async function verifyRemoval(
  { transport, profile }: ClientContext,
  removal: RemovalToVerify,
  execution: OperationExecution,
): Promise<RemovalVerdict> {
  const { action, resourceType, remoteId, body, paths } = removal;
  const { protocol } = profile;
  const read = idReading(await get(transport, resourceType, remoteId, execution), remoteId, paths);
  const isLookupNeeded = read === 'notFound' && action === 'deactivate' && protocol.inactiveUsers !== 'notFound';
  let lookup: LookupEvidence = 'notLookedUp';
  if (isLookupNeeded) {
    const found = await find(transport, profile, { resourceType, body, paths }, execution);
    lookup = found.kind === 'none' ? 'absent' : 'unproven';
  }
  return judgeRemoval(removal, read, lookup, protocol);
}
