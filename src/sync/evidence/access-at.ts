import type { Instant, SourceKey } from '../../model/ids.ts';
import type { AccessRecord } from '../../store/store.ts';

/** An account at a time. `unknown`: it existed, and the journal does not show whether it was active. */
export type AccountAt = 'active' | 'inactive' | 'missing' | 'unknown';

/** The access of a user at one target. */
export interface Access {
  readonly account: AccountAt;
  readonly groups: readonly SourceKey[];
}

/** The access as the snapshot holds it. @returns undefined if the user has no account */
export function accessNow({ now, groupsNow }: AccessRecord): Access | undefined {
  if (now === undefined) return undefined;
  const account = now.missingSince !== undefined ? 'missing' : now.isActive ? 'active' : 'inactive';
  return { account, groups: groupsNow };
}

/** What the derivation of a past access needs to know about the target. */
export interface TargetPast {
  /** When `target forget` ended the management of all accounts; undefined: it did not. */
  readonly forgottenAt: Instant | undefined;
  readonly groupDeletions: (group: SourceKey) => readonly Instant[];
}

/**
 * The access at a time: by the last acknowledged operation before it, otherwise by what the first one after it
 * changed, otherwise as it is now.
 *
 *     create      deactivate      delete
 *       │   active   │   inactive   │   no account
 *
 * @returns undefined if the user had no account
 */
export function accessAt(record: AccessRecord, at: Instant, target: TargetPast): Access | undefined {
  const account = accountAt(record, at, target);
  if (account === undefined) return undefined;
  return { account, groups: account === 'missing' ? [] : groupsAt(record, at, target) };
}

function accountAt(record: AccessRecord, at: Instant, { forgottenAt }: TargetPast): AccountAt | undefined {
  const next = record.accountEvents.find((event) => event.at > at);
  const last = record.accountEvents.findLast((event) => event.at <= at);
  const isForgotten = forgottenAt !== undefined && forgottenAt <= at && (last?.at ?? 0) <= forgottenAt;
  // After the last operation, nothing but a look at the target changed the account.
  const later = next === undefined ? activeNow(record) : next.before;
  const state = last === undefined ? later : last.after;
  if (isForgotten || state === null) return undefined;
  if (next === undefined && isMissingAt(record, at)) return 'missing';
  // An adopted account, or one that was deleted: the operation itself does not show whether it was active.
  return stateNames.get(state ?? later) ?? 'unknown';
}

const stateNames: ReadonlyMap<boolean | null | undefined, AccountAt> = new Map([
  [true, 'active'],
  [false, 'inactive'],
]);

const isMissingAt = ({ now }: AccessRecord, at: Instant): boolean =>
  now?.missingSince !== undefined && now.missingSince <= at;

const activeNow = ({ now }: AccessRecord): boolean | null => now?.isActive ?? null;

function groupsAt(record: AccessRecord, at: Instant, target: TargetPast): readonly SourceKey[] {
  const { membershipEvents, groupsNow, accountEvents } = record;
  // A deletion ends memberships without an operation of their own.
  const deletions = accountEvents.filter(({ after }) => after === null).map((event) => event.at);
  const groups = new Set([...groupsNow, ...membershipEvents.map(({ group }) => group)]);
  return [...groups].sort().filter((group) => {
    const ends = [...deletions, ...target.groupDeletions(group)];
    const events = membershipEvents.filter((event) => event.group === group);
    const last = events.findLast((event) => event.at <= at);
    if (last !== undefined) return last.isMember && !ends.some((end) => end >= last.at && end <= at);
    if (ends.some((end) => end <= at)) return false;
    const next = events.find((event) => event.at > at);
    return next === undefined ? groupsNow.includes(group) : !next.isMember;
  });
}
