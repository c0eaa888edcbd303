import type { Member, MembersOperation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { HttpResult, Response } from '../transport/message.ts';
import type { MembershipChange } from '../encode/member-batches.ts';
import type { IncompleteRead } from '../read/whole-read.ts';
import type { GroupRefusals } from '../learned/group-refusals.ts';
import { describeResult, toOutcome, versionOf } from '../judge/judge-response.ts';

/** Collects the results of the membership changes of one operation. */
export interface MembersResult {
  /** Whether no further request is to be sent. */
  isOver(): boolean;
  /** Whether a refused request with these changes is not bisected any more. */
  hasTooManyRefusals(changes: readonly MembershipChange[]): boolean;
  /** Whether these changes are left out: this operation was refused, and the group refuses such changes. */
  isLeftOut(changes: readonly MembershipChange[]): boolean;
  /** These members have no id at the target, or the request could not be encoded. */
  markNotEncodable(members: readonly Member[], detail?: string): void;
  /** The whole group would have to be written, and the GET before it was not complete. Ends the operation. */
  markNotWritten(read: IncompleteRead): void;
  markAccepted(changes: readonly MembershipChange[], response: Response): void;
  /** The target refused the request, but the memberships are already as desired. */
  markAlreadyCorrect(changes: readonly MembershipChange[], status: number): void;
  /** The target accepted the changes but did not apply them. */
  markNotApplied(changes: readonly MembershipChange[], detail: string): void;
  /**
   * The target refused one member, or one whole batch.
   *
   * @param isRead a read of the group does not show the additions
   */
  markRefused(response: Response, changes: readonly MembershipChange[], isRead: boolean): void;
  /** Ends the operation with the result of a request with these changes. */
  finish(result: HttpResult, changes: readonly MembershipChange[]): void;
  /** The target answered without the group, and no read shows the change. */
  markUnseen(): void;
  /** A read of the group shows the accepted changes. */
  markRead(): void;
  /** A read shows that the addition removed members that were there before. */
  markLostMembers(): void;
  outcome(): Outcome;
}

/** Starts to collect results; `refusals` counts across the operations on the same group. */
export function createMembersResult(operation: MembersOperation, refusals: GroupRefusals): MembersResult {
  const all = [...operation.remove, ...operation.add];
  const applied = new Set<Member>();
  let lastSuccess: Response | { readonly status: number } | undefined;
  let refusal: Response | undefined;
  const hasRefusal = { addition: false, removal: false };
  const refusedMembers: Member[] = [];
  const inDoubt = new Set<Member>();
  let finalResult: HttpResult | undefined;
  let notWritten: IncompleteRead | undefined;
  let dependencyDetail: string | undefined;
  let notAppliedDetail: string | undefined;
  let hasLostMembers = false;
  let isUnseen = false;
  let isRead = false;

  function failureOutcome(): Outcome {
    if (finalResult !== undefined) return toOutcome(operation, finalResult);
    if (notWritten !== undefined) return { kind: 'rejected', status: notWritten.status, detail: notWritten.detail };
    if (refusal !== undefined) return { kind: 'rejected', status: refusal.status, detail: describeResult(refusal) };
    return { kind: 'skipped', detail: dependencyDetail ?? 'no membership to change' };
  }

  /** Why some memberships were left out, although others were accepted. */
  function causeOfRest(): string | undefined {
    const result = finalResult ?? refusal;
    return (
      notAppliedDetail ?? (result === undefined ? (notWritten?.detail ?? dependencyDetail) : describeResult(result))
    );
  }

  function withRefused(outcome: Outcome): Outcome {
    if (outcome.kind !== 'done' && outcome.kind !== 'rejected') return outcome;
    const membersInDoubt = [...inDoubt].filter((member) => !applied.has(member));
    return {
      ...outcome,
      ...(refusedMembers.length === 0 ? {} : { refusedMembers }),
      ...(membersInDoubt.length === 0 ? {} : { membersInDoubt }),
    };
  }

  /**
   * A refusal does not show what happened before it. A read that shows a new member is proof of it; a removed member
   * that a list does not show is no proof, because many servers list only the first hundred.
   */
  function markInDoubt(changes: readonly MembershipChange[], isRead: boolean): void {
    for (const { member, isRemoval } of changes) if (isRemoval || !isRead) inDoubt.add(member);
  }

  return {
    isOver: () => finalResult !== undefined || notWritten !== undefined,
    hasTooManyRefusals: (changes) => refusals.areTooMany(changes),
    isLeftOut: (changes) => hasRefusal[partOf(changes)] && refusals.areSentOnce(changes),
    markNotEncodable(members, detail) {
      if (members.length > 0) dependencyDetail ??= detail ?? 'they have no account at this target yet';
    },
    markNotWritten(read) {
      notWritten = read;
    },
    markAccepted(changes, response) {
      for (const { member } of changes) applied.add(member);
      refusals.accepted(changes);
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
    markRefused(response, changes, wasRead) {
      const [first, second] = changes;
      refusal = response;
      if (first?.isRemoval === false && second === undefined) refusedMembers.push(first.member);
      hasRefusal[partOf(changes)] = true;
      refusals.refused(changes, response.status);
      markInDoubt(changes, wasRead);
    },
    finish(result, changes) {
      finalResult = result;
      markInDoubt(changes, false);
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
      if (lastSuccess === undefined) return withRefused(failureOutcome());
      const rejectedMembers = all.filter((member) => !applied.has(member));
      const cause = causeOfRest();
      const detail =
        `${rejectedMembers.length} of ${all.length} memberships left out: ` +
        `${cause ?? 'the remaining requests were not sent'}`;
      if (notAppliedDetail !== undefined && applied.size === 0)
        return withRefused({ kind: 'rejected', status: lastSuccess.status, detail });
      return withRefused({
        kind: 'done',
        status: lastSuccess.status,
        ...('kind' in lastSuccess ? versionOf(lastSuccess) : {}),
        ...(isRead ? { evidence: 'read' } : {}),
        ...(rejectedMembers.length === 0 ? {} : { rejectedMembers, detail }),
        ...(hasLostMembers ? { lostMembers: true } : {}),
      });
    },
  };
}

const partOf = (changes: readonly MembershipChange[]): 'addition' | 'removal' =>
  changes.some(({ isRemoval }) => !isRemoval) ? 'addition' : 'removal';
