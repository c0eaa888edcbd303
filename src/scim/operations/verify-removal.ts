import type { RemoteId } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { RemoteResource } from '../../model/outcome.ts';
import { judgeRemoval, withControl, type Removal, type RemovalVerdict } from '../judge/judge-removal.ts';
import type { ClientContext } from '../operation-context.ts';
import { idReading, ownReading, proveMissing } from '../absence/prove-missing.ts';
import { get, type GetResult } from '../read/get-resource.ts';
import type { OperationExecution } from '../transport/execution.ts';

/** A removal to read back. */
export interface RemovalToVerify extends Removal {
  readonly remoteId: RemoteId;
  /** The resource as it was last known, for a look-up. */
  readonly body: FlatResource;
  /** Paths that the mapping manages. */
  readonly paths: readonly string[];
  /** Accounts that should be active: they are read where the removed one is shown without `active`. */
  readonly controls?: readonly RemoteId[];
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
  const { capabilities } = client;
  if (isUser(read, resourceType) && read.isActiveHidden !== true) capabilities.activeRead(remoteId, read.active);
  const verdict = judgeRemoval(removal, read, absence, protocol);
  if (verdict.kind !== 'unknown' || verdict.isActiveHidden !== true) return verdict;
  if (capabilities.activeShown === undefined) await readControls(client, removal, execution);
  else if (capabilities.activeShown === 'hidden') capabilities.activeRead(remoteId, 'hidden');
  return withControl(verdict, capabilities.activeShown);
}

const isUser = (read: GetResult, resourceType: Removal['resourceType']): read is RemoteResource =>
  resourceType === 'User' && read !== 'notFound' && !('unavailable' in read);

/** Reads other accounts until one shows `active`. */
async function readControls(
  { transport, capabilities }: ClientContext,
  { remoteId, controls = [] }: RemovalToVerify,
  execution: OperationExecution,
): Promise<void> {
  let isHidden = false;
  for (const control of controls) {
    const read = idReading(await get(transport, 'User', control, execution), control, []);
    if (!isUser(read, 'User')) continue;
    isHidden ||= read.isActiveHidden === true;
    if (read.isActiveHidden !== true) return capabilities.activeRead(control, read.active);
  }
  if (isHidden) capabilities.activeRead(remoteId, 'hidden');
}
