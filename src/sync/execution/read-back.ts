import type { SnapshotChange } from '../../model/outcome.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { Absence } from '../../scim/target.ts';
import type { ServingTarget } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { followUpsOfReading } from '../follow-ups.ts';
import { withManagerKey } from './ownership.ts';
import { absenceInList } from './prove-by-list.ts';

/** More than the requests that can be in flight at once, and few enough for one GET each. */
const maxReadBacks = 500;

/**
 * Reads back accounts in doubt: an earlier change was sent and not acknowledged. This round does not send an operation
 * whose goal the read shows (settled-by-reading.ts); the next round compares the values that were read.
 *
 * @param readAccounts receives the records whose accounts were read
 */
export async function readBackInDoubt(
  deps: Omit<ExecutionDeps, 'readAccounts'>,
  { mapping, spec }: Omit<ExecutionRound, 'round'>,
  readAccounts: Set<RecordKey>,
  stop: AbortSignal,
): Promise<void> {
  const { clock, store, target } = deps;
  for (const known of await store.inDoubt(maxReadBacks)) {
    if (stop.aborted || target.unavailableReason !== undefined) return;
    const read = await target.readKnown(known, mapping.paths(known.resourceType), stop);
    const isListed = read.kind === 'unproven' && read.isProvableByList === true;
    const listed = isListed ? await absenceInList(deps, spec, known, stop) : undefined;
    const absence: Absence = listed?.kind === 'absent' ? { kind: 'missing' } : read;
    const change = changeAfterReading(absence, known, store, spec.adopt);
    if (change === undefined) continue;
    await store.applyReadBack(known, change, followUpsOfReading(known, change), clock.now());
    readAccounts.add(recordKey(known));
  }
}

/** What a reading of an account changes in the snapshot; undefined: nothing is known, so it stays as it is. */
export function changeAfterReading(
  absence: Absence,
  { resourceType, key }: KnownState,
  store: Pick<ServingTarget, 'owner'>,
  mayAdopt: boolean,
): SnapshotChange | undefined {
  if (absence.kind === 'unproven') return undefined;
  if (absence.kind === 'missing') return { kind: 'missing' };
  const { manager } = absence.resource;
  const resource = withManagerKey(absence.resource, manager === undefined ? undefined : store.owner('User', manager));
  if (absence.kind === 'present') {
    // The id brings back an account that was missing for a time.
    const { remoteId, body, active, version } = resource;
    return { kind: 'remember', remoteId, body, active, ...(version === undefined ? {} : { version }) };
  }
  // The known id does not exist. Whether the account that a look-up found instead is ours, its owner decides.
  const owner = store.owner(resourceType, resource.remoteId);
  if (owner !== undefined && owner !== key) return { kind: 'missing' };
  // The next operation finds out what to do: a change and a removal judge such an account differently.
  if (absence.isUncertain === true || absence.ambiguity !== undefined) return undefined;
  return mayAdopt || absence.by === 'externalId' ? { kind: 'adopt', resource } : undefined;
}
