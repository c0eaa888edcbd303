import type { Member, MembersOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import type { MembershipChange } from '../encode/member-batches.ts';
import { describeResult, toOutcome, versionOf } from '../judge/judge-response.ts';

/** After this number of consecutive single-member refusals, bisection stops; the remaining batches are sent whole. */
const maxConsecutiveRefusals = 16;
/** After this number of refused whole batches, each further operation on the group is sent only once. */
const maxDeferredAttempts = 8;

/** Number of refusals since the group last accepted a member, over all operations of a pass. */
export interface ConsecutiveRefusals {
  /** Refused single members, at most `maxConsecutiveRefusals`. */
  members: number;
  /** Refused whole batches, counted after that. */
  batches: number;
}

/** The counters of a group that has not refused a member. */
export const noRefusals = (): ConsecutiveRefusals => ({ members: 0, batches: 0 });

/** Collects the results of the membership changes of one operation. */
export interface MembersResult {
  /** Whether no further request is to be sent. */
  isOver(): boolean;
  /** Whether refused batches are not bisected any more. */
  hasTooManyRefusals(): boolean;
  /** These members have no id at the target, or the request could not be encoded. */
  markNotEncodable(members: readonly Member[], detail?: string): void;
  markAccepted(changes: readonly MembershipChange[], response: Response): void;
  /** The target refused the request, but the memberships are already as desired. */
  markAlreadyCorrect(changes: readonly MembershipChange[], status: number): void;
  /** The target accepted the changes but did not apply them. */
  markNotApplied(changes: readonly MembershipChange[], detail: string): void;
  /** The target refused one member, or one whole batch. @param change the only change of the request */
  markRefused(response: Response, change?: MembershipChange): void;
  /** Ends the operation with this result. */
  finish(result: HttpResult): void;
  /** The target answered without the group, and no read shows the change. */
  markUnseen(): void;
  /** A read of the group shows the accepted changes. */
  markRead(): void;
  /** A read shows that the addition removed members that were there before. */
  markLostMembers(): void;
  outcome(): Outcome;
}

/** Starts to collect results; `refusals` counts across the operations on the same group. */
export function createMembersResult(operation: MembersOperation, refusals: ConsecutiveRefusals): MembersResult {
  const all = [...operation.remove, ...operation.add];
  const applied = new Set<Member>();
  let lastSuccess: Response | { readonly status: number } | undefined;
  let refusal: Response | undefined;
  let hasRefusal = false;
  const refusedMembers: Member[] = [];
  let finalResult: HttpResult | undefined;
  let dependencyDetail: string | undefined;
  let notAppliedDetail: string | undefined;
  let hasLostMembers = false;
  let isUnseen = false;
  let isRead = false;

  function failureOutcome(): Outcome {
    if (finalResult !== undefined) return toOutcome(operation, finalResult);
    if (refusal !== undefined)
      return { kind: 'rejected', status: refusal.status, detail: describeResult(refusal), ...references() };
    return { kind: 'skipped', detail: dependencyDetail ?? 'no membership to change' };
  }

  const references = (): { readonly refusedMembers?: readonly Member[] } =>
    refusedMembers.length === 0 ? {} : { refusedMembers };

  return {
    isOver: () => finalResult !== undefined || (hasRefusal && refusals.batches >= maxDeferredAttempts),
    hasTooManyRefusals: () => refusals.members >= maxConsecutiveRefusals,
    markNotEncodable(members, detail) {
      if (members.length > 0) dependencyDetail ??= detail ?? 'they have no account at this target yet';
    },
    markAccepted(changes, response) {
      for (const { member } of changes) applied.add(member);
      refusals.members = refusals.batches = 0;
      lastSuccess = response;
    },
    markAlreadyCorrect(changes, status) {
      for (const { member } of changes) applied.add(member);
      lastSuccess ??= { status };
    },
    markNotApplied(changes, detail) {
      for (const { member } of changes) applied.delete(member);
      if (changes.length > 0) notAppliedDetail = detail;
    },
    markRefused(response, change) {
      refusal = response;
      if (change?.isRemoval === false) refusedMembers.push(change.member);
      hasRefusal = true;
      if (refusals.members >= maxConsecutiveRefusals) refusals.batches += 1;
      else refusals.members += 1;
    },
    finish(result) {
      finalResult = result;
    },
    markLostMembers() {
      hasLostMembers = true;
    },
    markRead() {
      isRead = true;
    },
    markUnseen() {
      isUnseen = true;
    },
    outcome() {
      if (isUnseen && lastSuccess !== undefined)
        return { kind: 'unknown', detail: `answered ${lastSuccess.status}, and no read shows the change of members` };
      if (lastSuccess === undefined) return failureOutcome();
      const rejectedMembers = all.filter((member) => !applied.has(member));
      const result = finalResult ?? refusal;
      const cause = notAppliedDetail ?? (result === undefined ? dependencyDetail : describeResult(result));
      const detail =
        `${rejectedMembers.length} of ${all.length} memberships left out: ` +
        `${cause ?? 'the remaining requests were not sent'}`;
      if (notAppliedDetail !== undefined && applied.size === 0)
        return { kind: 'rejected', status: lastSuccess.status, detail };
      return {
        kind: 'done',
        status: lastSuccess.status,
        ...('kind' in lastSuccess ? versionOf(lastSuccess) : {}),
        ...(isRead ? { evidence: 'read' } : {}),
        ...(rejectedMembers.length === 0 ? {} : { rejectedMembers, detail }),
        ...(hasLostMembers ? { lostMembers: true } : {}),
        ...references(),
      };
    },
  };
}
