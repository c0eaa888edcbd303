import type { Instant, SourceKey } from '../../model/ids.ts';
import type { PostponedTryStore } from '../../model/requeue.ts';
import type { MembershipSelection } from '../candidates/membership-selection-interface.ts';
import type { ApprovalLog } from '../journal/approvals-interface.ts';
import type { DraftLog } from '../planning/drafts.ts';
import type { HoldLog } from '../journal/holds-interface.ts';
import type { NameHolds, NameRequests } from '../journal/names-interface.ts';
import type { NewsCandidates, NewsLog } from '../journal/news/news-interface.ts';
import type { Note } from '../journal/note.ts';
import type { PlannedOperation } from '../journal/stored-operation.ts';
import type { UnansweredCreates } from '../journal/unanswered-interface.ts';
import type { Candidate, PlanningScope, RecordRef } from '../snapshot/planning-scope.ts';
import type { FrozenCandidates } from '../suspensions/suspensions-interface.ts';
import type { UniqueValues } from '../unique-values/unique-values-interface.ts';
import type { TargetUserGroups } from '../user-groups/user-groups-interface.ts';
import type { JournalView, StateView, TargetView } from './state-view.ts';

/**
 * Compares targets with the mirror and records operations. It cannot mark an operation as sent, record a result, or
 * write what a target showed.
 */
export interface PlanningTransaction extends StateView {
  readonly journal: PlanningJournal;
  target(name: string): Promise<PlanningTarget>;
  /**
   * Ends a slice of the planning: commits it, and lets signals, requests, and the transactions of others run. A draft
   * hides what is committed until the last slice. In a dry run, and in a transaction that is judged as a whole, nothing
   * is committed.
   *
   * @param meanwhile runs before the next slice, outside of transactions; not called where nothing is committed, or
   *   where no other planning can overlap this one
   */
  nextSlice(meanwhile?: () => Promise<void>): Promise<void>;
}

/** What the planning of one target asks and writes. */
export interface PlanningTarget
  extends TargetView, MembershipSelection, NameRequests, PostponedTryStore, FrozenCandidates, NewsCandidates {
  /** Chooses the candidates; they are then read page by page. */
  selectCandidates(scope: PlanningScope): Promise<void>;
  candidates(
    after: number,
    limit: number,
  ): Promise<{ readonly page: readonly Candidate[]; readonly next: number | undefined }>;
  /** Adds the users that refer to one of these managers, or wait for one, to the candidates. */
  selectReferrers(managers: readonly SourceKey[]): Promise<void>;
  /** Evaluates these records in the next round; the other candidates stay requeued, for a later planning. */
  requeueSubjects(subjects: readonly RecordRef[]): Promise<void>;
  restrictCandidates(subjects: readonly RecordRef[]): Promise<void>;
  /** Records that a user's manager has no account here yet; undefined: the user waits for no manager. */
  setPendingManager(key: SourceKey, manager: SourceKey | undefined): Promise<void>;
  /** Records whether the members of these groups are removed because they left the source or the scope. */
  markEmptied(groups: readonly SourceKey[], isEmptied: boolean): Promise<void>;
  /** Users who should have no access are to be compared with the target's list. */
  markLeaversUnmatched(): Promise<void>;
  /** The number of acknowledged members. Synchronous: planning asks for single groups. */
  countMembers(group: SourceKey): number;
  /**
   * Records a complete planning: the mirror up to this reading was compared with this mapping.
   * @param moment the time at which it judged dates; undefined: it was no new one
   */
  markPlanned(reading: number, mappingFingerprint: string, moment?: Instant): Promise<void>;
  /** After a clock that was ahead was set right: accounts that became inactive later than now did so now. */
  forgetTimesAfter(now: Instant): Promise<void>;
  readonly userGroups: TargetUserGroups;
  readonly uniqueValues: UniqueValues;
}

/** What planning asks and writes in the journal. */
export interface PlanningJournal
  extends
    JournalView,
    HoldLog,
    NewsLog,
    NameHolds,
    DraftLog,
    Pick<ApprovalLog, 'waitingApprovals' | 'settleApproval'>,
    Pick<UnansweredCreates, 'unansweredCreate'> {
  add(pass: number, target: string, round: number, operations: readonly PlannedOperation[]): Promise<void>;
  note(pass: number, target: string, notes: readonly Note[]): Promise<void>;
  /**
   * Requeues what this round planned, until there is a response. The other records of its scope leave the queue, except
   * those with a create in doubt.
   *
   * @param scope undefined: the round evaluated nothing that was requeued
   */
  requeueRound(pass: number, target: string, round: number, scope: PlanningScope | undefined): Promise<void>;
  /** Creates whose manager is created in the same phase, by ascending id, each with the id of the manager's create. */
  managedCreates(
    pass: number,
    target: string,
    round: number,
    phase: number,
    after: number,
    limit: number,
  ): Promise<readonly { readonly create: number; readonly manager: number }[]>;
  setWaves(waves: readonly { readonly operation: number; readonly wave: number }[]): Promise<void>;
  /** The number of operations that will be sent: planned, and not held. */
  countPending(pass: number, target: string, round: number): Promise<number>;
}
