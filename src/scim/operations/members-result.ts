import type { Member, MembersOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import type { MembershipChange } from '../encode/member-batches.ts';
import { describeResult, toOutcome, versionOf } from '../judge/judge-response.ts';

/** A target that has refused so many members of a group one by one and taken none since is not asked for each of the others any more. */
const maxConsecutiveRefusals = 16;
/** After so many parts that were refused whole as well, each operation on the group is said once, as it is. */
const maxDeferredAttempts = 8;

/** How many refusals of members there were since a group has last taken one, over all operations of a pass. */
export interface ConsecutiveRefusals {
  members: number;
  /** Of whole parts, after that. */
  batches: number;
}

export const noRefusals = (): ConsecutiveRefusals => ({ members: 0, batches: 0 });

/** What has become of the memberships of one operation so far. */
export interface MembersResult {
  /** Whether nothing more is to be said. */
  isOver(): boolean;
  /** Whether what is refused need not be said again in smaller parts. */
  hasTooManyRefusals(): boolean;
  /** They could not be said. */
  markNotEncodable(members: readonly Member[], detail?: string): void;
  markAccepted(changes: readonly MembershipChange[], response: Response): void;
  /** It is so although the request was refused. */
  markAlreadyCorrect(changes: readonly MembershipChange[], status: number): void;
  /** Accepted, and yet it is not so. */
  markNotApplied(changes: readonly MembershipChange[], detail: string): void;
  markRefused(response: Response): void;
  finish(result: HttpResult): void;
  outcome(): Outcome;
}

export function createMembersResult(operation: MembersOperation, refusals: ConsecutiveRefusals): MembersResult {
  const all = [...operation.remove, ...operation.add];
  const applied = new Set<Member>();
  let lastSuccess: Response | { readonly status: number } | undefined;
  let refusal: Response | undefined;
  let hasRefusal = false;
  let finalResult: HttpResult | undefined;
  let dependencyDetail: string | undefined;
  let notAppliedDetail: string | undefined;

  function failureOutcome(): Outcome {
    if (finalResult !== undefined) return toOutcome(operation, finalResult);
    if (refusal !== undefined) return { kind: 'rejected', status: refusal.status, detail: describeResult(refusal) };
    return { kind: 'skipped', detail: dependencyDetail ?? 'nothing to say' };
  }

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
    markRefused(response) {
      refusal = response;
      hasRefusal = true;
      if (refusals.members >= maxConsecutiveRefusals) refusals.batches += 1;
      else refusals.members += 1;
    },
    finish(result) {
      finalResult = result;
    },
    outcome() {
      if (lastSuccess === undefined) return failureOutcome();
      const rejectedMembers = all.filter((member) => !applied.has(member));
      const result = finalResult ?? refusal;
      const cause = notAppliedDetail ?? (result === undefined ? dependencyDetail : describeResult(result));
      const detail = `${rejectedMembers.length} of ${all.length} memberships left out: ${cause ?? 'the rest was given up'}`;
      if (notAppliedDetail !== undefined && applied.size === 0)
        return { kind: 'rejected', status: lastSuccess.status, detail };
      return {
        kind: 'done',
        status: lastSuccess.status,
        ...('kind' in lastSuccess ? versionOf(lastSuccess) : {}),
        ...(rejectedMembers.length === 0 ? {} : { rejectedMembers, detail }),
      };
    },
  };
}
