import type { TargetMapping } from '../../desired/target-mapping.ts';
import { instant } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import type { DesiredState, FlatResource, LeaverReason } from '../../model/resource.ts';
import { effectiveLeaverPolicy, leaverAction } from '../../plan/leavers.ts';
import type { ComparedTarget } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import { desireAt } from '../desire-at.ts';
import { timingOf } from '../evaluate-record.ts';
import { addGroupsFor } from '../user-groups/add-groups.ts';

/** A user of the source who should have no access, and who has no account in the snapshot. */
export interface UnknownLeaver {
  readonly record: SourceRecord;
  readonly reason: LeaverReason;
  /** The values by which the account of an active user would be found. */
  readonly identity: FlatResource;
}

/** Whether the leaver rule removes the access of such a user. */
export function isRemovedLeaver(reason: LeaverReason, { leavers, profile }: TargetSpec): boolean {
  // Before the start date, an account may have been prepared by hand.
  if (reason === 'notYet') return false;
  return leaverAction(reason, effectiveLeaverPolicy(leavers, profile.protocol.deletion)) !== 'keep';
}

const pageSize = 500;

/** Users of the source without an account in the snapshot, by page, with what they should have. */
export async function* withoutAccount(
  store: ComparedTarget,
  mapping: TargetMapping,
  spec: TargetSpec,
): AsyncGenerator<readonly { readonly record: SourceRecord; readonly desired: DesiredState }[]> {
  const addGroups = addGroupsFor(mapping, () => store.userGroups.openLookup());
  const timing = timingOf(spec);
  const { plannedAt = instant(0) } = await store.state();
  for (let after: number | undefined = 0; after !== undefined;) {
    const { page, next }: Awaited<ReturnType<ComparedTarget['usersWithoutAccount']>> = await store.usersWithoutAccount(
      after,
      pageSize,
    );
    const records = await addGroups(page);
    yield records.map((one) => ({ record: one, desired: desireAt(one, mapping, timing, plannedAt) }));
    after = next;
  }
}

/** Of these users, by page: those whose access the leaver rule removes, and who are not frozen. */
export async function* unknownLeavers(
  store: ComparedTarget,
  mapping: TargetMapping,
  spec: TargetSpec,
): AsyncGenerator<readonly UnknownLeaver[]> {
  const frozen = await store.frozenUsers();
  for await (const page of withoutAccount(store, mapping, spec))
    yield page.flatMap(({ record: one, desired }) =>
      !frozen.has(one.key) && desired.kind === 'absent' && isRemovedLeaver(desired.reason, spec)
        ? [{ record: one, reason: desired.reason, identity: mapping.identify(one) }]
        : [],
    );
}
