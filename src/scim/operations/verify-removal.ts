import type { RemoteId } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import { judgeRemoval, type Removal, type RemovalVerdict } from '../judge/judge-removal.ts';
import type { ClientContext } from '../operation-context.ts';
import { idReading, ownReading, proveMissing } from '../absence/prove-missing.ts';
import { get } from '../read/get-resource.ts';
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
  client: ClientContext,
  removal: RemovalToVerify,
  execution: OperationExecution,
): Promise<RemovalVerdict> {
  const { action, resourceType, remoteId, body, paths } = removal;
  const { protocol } = client.profile;
  const reading = await get(client.transport, resourceType, remoteId, execution);
  const owner = { resourceType, bodies: [body] };
  const read = ownReading(reading, remoteId, paths, owner);
  const isReused = read === 'notFound' && idReading(reading, remoteId, paths) !== 'notFound';
  const isHidden = action === 'delete' || protocol.inactiveUsers === 'notFound';
  const isProofNeeded = read === 'notFound' && (isReused || !isHidden);
  const absence = isProofNeeded
    ? await proveMissing(client, { resourceType, remoteId, bodies: [body], paths, reading }, execution)
    : undefined;
  return judgeRemoval(removal, read, absence, protocol);
}
