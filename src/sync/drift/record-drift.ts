import { recordKey } from '../../model/record-key.ts';
import type { RecordRef, DriftRecord } from '../../store/store.ts';
import type { KnownState } from '../../model/resource.ts';
import type { RemoteResource, SnapshotChange } from '../../model/outcome.ts';
import type { Drift, DriftHold } from '../../model/target/drift.ts';
import { driftAction } from '../../plan/drift/drift-policy.ts';
import { displayName } from '../../plan/diff.ts';
import { followUpsOfReading } from '../follow-ups.ts';
import type { DriftCheck } from './drift-check.ts';

/** A difference before the policy has judged it. */
export type FoundDrift = Pick<Drift, 'kind' | 'path' | 'member' | 'acknowledged' | 'shown'> & {
  readonly isEnded?: boolean;
  readonly held?: DriftHold;
};

/** The kinds that a read of an account or a group finds. */
const kindsOfReads: readonly Drift['kind'][] = ['reactivated', 'changed', 'memberAdded', 'memberRemoved', 'deleted'];

/**
 * Stores what a read of an account or a group found. Where the check repairs, the snapshot takes over what is to be
 * repaired, so that the next planning finds the difference to the desired state.
 *
 * @param changesFor the changes to the snapshot for the differences to repair
 */
export async function recordDrift(
  check: DriftCheck,
  known: KnownState,
  found: readonly FoundDrift[],
  changesFor: (repaired: readonly Drift[]) => readonly SnapshotChange[],
  shown?: RemoteResource,
): Promise<void> {
  const { store, clock, findings } = check;
  const { resourceType, key } = known;
  const before = store.drift.openOf({ resourceType, key });
  if (found.length === 0 && before.length === 0) return;
  const judged = found.flatMap((one) => judge(check, known, one, before, shown));
  const stored = await store.drift.record({ resourceType, key }, kindsOfReads, judged, clock.now());
  const repaired = stored.filter(({ policy, held }) => policy === 'repair' && held === undefined);
  if (!check.isRepairing || repaired.length === 0) return;
  const changes = changesFor(repaired);
  if (changes.length === 0) return;
  for (const change of changes) {
    const members = change.kind === 'members' ? ([{ kind: 'membersOf' }] as const) : [];
    await store.applyReadBack(known, change, [...followUpsOfReading(known, change), ...members], clock.now());
  }
  await store.drift.markRepaired([{ resourceType, key }], clock.now());
  findings.taken.push({ resourceType, key });
}

function judge(
  check: DriftCheck,
  known: KnownState,
  { isEnded, held: foundHeld, ...found }: FoundDrift,
  before: readonly DriftRecord[],
  shown: RemoteResource | undefined,
): readonly Drift[] {
  const policy = driftAction(check.settings.policy, { ...found, ...(isEnded === undefined ? {} : { isEnded }) });
  if (policy === 'ignore') return [];
  const { resourceType, key, remoteId } = known;
  const held = foundHeld ?? (policy === 'repair' ? heldBecause(check, known, found, before, shown) : undefined);
  const name = displayName(resourceType, known.body);
  return [{ ...found, resourceType, key, remoteId, name, policy, ...(held === undefined ? {} : { held }) }];
}

/** Why a difference is not repaired although the policy asks for it; undefined: it is. */
function heldBecause(
  { frozen, mapping }: DriftCheck,
  known: KnownState,
  { kind, path, member, shown: value }: FoundDrift,
  before: readonly DriftRecord[],
  shown: RemoteResource | undefined,
): DriftHold | undefined {
  const owner = member === undefined ? known : member.owner;
  if (owner?.resourceType === 'User' && frozen.has(owner.key)) return 'frozen';
  const isUser = known.resourceType === 'User';
  if (
    isUser &&
    [known.body, ...(shown === undefined ? [] : [shown.body])].some((body) => mapping.isProtected(body) !== false)
  )
    return 'protected';
  // A target that normalises a value shows the same one after each repair. Access is ended again all the same.
  const isKept =
    kind === 'changed' &&
    before.some(
      (one) =>
        one.kind === kind &&
        one.path === path &&
        one.repairAt !== undefined &&
        JSON.stringify(one.shown) === JSON.stringify(value),
    );
  return isKept ? 'kept' : undefined;
}

/** Whether two lists of records have one in common. */
export const isAmong = (records: readonly RecordRef[], one: RecordRef): boolean =>
  records.some((record) => recordKey(record) === recordKey(one));
