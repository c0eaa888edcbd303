import type { SourceKey } from '../../model/ids.ts';
import type { MembershipCandidate, PlanningScope, RecordRef } from '../snapshot/planning-scope.ts';

/** Chooses the memberships that a planning compares. Call it after `selectCandidates`. */
export interface MembershipSelection {
  /**
   * Selects the memberships of this scope, all memberships of the candidate users, and all memberships of these groups.
   *
   * @param maxMembers maximum number of members of a group at this target. If a full group has one selected membership,
   *   all its memberships are selected, because a removal makes room for another member.
   * @param exceptions in a full scope: the accounts that the plan removes or leaves without access. A membership that
   *   the source and the target both have is selected only with one of them. Undefined: all memberships are selected.
   */
  selectMemberships(
    scope: PlanningScope,
    groups: Iterable<SourceKey>,
    maxMembers?: number,
    exceptions?: Iterable<RecordRef>,
  ): Promise<void>;
  memberships(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly MembershipCandidate[]; readonly next: number | undefined }>;
}
