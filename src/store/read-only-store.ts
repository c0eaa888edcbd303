import type { RequestCounts } from '../model/target/request-counts.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { KnownState } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { openBrowsing, type Browsing } from './browse/browse.ts';
import { isCheckedOnOpening, openReadOnlyDatabase } from './database.ts';
import type { CopyOptions } from './sqlite/private-copy.ts';
import { requireSoundState } from './sqlite/damage.ts';
import type { LockHolder } from './sqlite/lock.ts';
import { openNamesAtTargets } from './journal/names.ts';
import { openAuditView } from './audit/audit-view.ts';
import type { AuditView } from './audit/audit-interface.ts';
import { keysNamed, openHistory, type HistoryFilter, type HistoryRow, type JournalPeriod } from './journal/history.ts';
import { openKeyChangeStore } from './identity/key-change-store.ts';
import type { KeyChangeView } from './identity/key-change-store-interface.ts';
import { readRequestCounts } from './journal/request-counts.ts';
import { approvalsOfPass, waitingApprovals } from './journal/approvals.ts';
import { lastPass, passesWithin, type PassRow } from './journal/passes.ts';
import { allDrift, type DriftFilter } from './drift/drift-rows.ts';
import { openJoinedSources } from './joined/joined-sources.ts';
import { openMirror } from './mirror/mirror.ts';
import { openConditions } from './notifications/conditions.ts';
import type { Conditions } from './notifications/conditions-interface.ts';
import { openNotificationView } from './notifications/notifications.ts';
import type { NotificationView } from './notifications/notifications-interface.ts';
import { openNextDates, type NextDates } from './next-dates.ts';
import { stuckBytes } from './retention/rewrite.ts';
import { runningHolder } from './running-holder.ts';
import { accountsWithValue } from './search/account-search.ts';
import { openSourceSearch } from './search/source-search.ts';
import type { SourceSearch } from './search/search-interface.ts';
import { orphanPage } from './snapshot/orphans.ts';
import type { Orphan } from './snapshot/orphans-interface.ts';
import { openUniqueValueLookups } from './unique-values/unique-values.ts';
import type { UniqueValueLookups } from './unique-values/unique-values-interface.ts';
import { openSnapshot, type Snapshot } from './snapshot/snapshot.ts';
import { currentTargetName, knownTargets } from './snapshot/target-registry.ts';
import type { RegisteredTarget } from './snapshot/target-registry-interface.ts';
import { allFreezes } from './suspensions/freezes.ts';
import { allPauses } from './suspensions/pauses.ts';
import { openPending, plannedAt } from './suspensions/pending.ts';
import { targetStatuses, type TargetStatus } from './target-status.ts';
import type {
  ApprovalRecord,
  DriftRecord,
  DueTimes,
  FreezeRecord,
  JoinedSources,
  MirrorView,
  NameAtTarget,
  PassInfo,
  PauseRecord,
} from './store.ts';

/** Read access to the state. It works while a pass is running. */
export interface ReadOnlyStore {
  readonly mirror: MirrorView;
  readonly joinedSource: JoinedSources['find'];
  readonly search: SourceSearch;
  readonly nextDates: NextDates;
  readonly browsing: Browsing;
  readonly notifications: NotificationView;
  readonly conditions: Conditions;
  holder(): LockHolder | undefined;
  lastPass(): PassInfo | undefined;
  /** The last command by which an operator changed the state, such as `target moved`. */
  lastAction(): PassInfo | undefined;
  targets(): readonly TargetStatus[];
  /** What the state knows of each target, whether or not the configuration has it. */
  knownTargets(): readonly RegisteredTarget[];
  /** The current name of the target that has or had this name; undefined: the state knows no such target. */
  currentTargetName(name: string): string | undefined;
  readonly keyChanges: KeyChangeView;
  snapshot(target: string): Snapshot | undefined;
  /** As `TargetView.knownByValue`. */
  accountsWithValue(target: string, resourceType: ResourceType, text: string): readonly KnownState[];
  /** The requests that the quotas of a target count; undefined: the state knows no such target. */
  requestCounts(target: string): RequestCounts['since'] | undefined;
  /** The values that only one record has at a target; undefined if no pass wrote to the target yet. */
  uniqueValues(target: string): UniqueValueLookups | undefined;
  /** Where targets no longer hold what they acknowledged, in the order in which it was found. */
  drift(filter: DriftFilter): Iterable<DriftRecord>;
  /** Orphans of a target in order of their id, by page. */
  orphans(target: string, after: string, limit: number): readonly Orphan[];
  history(filter: HistoryFilter): Iterable<HistoryRow>;
  /** As `JournalView.keysNamed`. */
  keysNamed(resourceType: ResourceType, name: string): readonly SourceKey[];
  readonly nameAtTarget: NameAtTarget;
  readonly audit: AuditView;
  /** The passes and actions of operators that began within a time, oldest first. */
  passes(period: JournalPeriod): Iterable<PassRow>;
  /** The approvals that a pass used or found not to apply, or those that wait for the next pass at their target. */
  approvals(of: number | 'waiting' | undefined): readonly ApprovalRecord[];
  /**
   * The users whose account at a target is open, and who changed, or are due, since it was last planned.
   *
   * @param dueTimes from the moment at which the target was last planned
   */
  pendingUsers(target: string, dueTimes: (plannedAt: Instant | undefined) => DueTimes): readonly SourceKey[];
  /** The pauses of targets, ended ones too, in order of their begin. */
  pauses(): readonly PauseRecord[];
  /** The freezes of users, ended ones too, in order of their begin. */
  freezes(): readonly FreezeRecord[];
  /**
   * Reads the whole state, unless it has more than `maxBytes`.
   *
   * @throws OperatorError if it is damaged
   */
  requireSound(maxBytes?: number): void;
  /** Bytes of the file that are free, and that only `vacuum` gives back. */
  stuckBytes(): number;
  close(): void;
}

/**
 * Opens the state read-only, without a trace beside it.
 *
 * @returns undefined if the state file does not exist yet
 */
export function openReadOnlyStore(file: string, options: CopyOptions = {}): ReadOnlyStore | undefined {
  const db = openReadOnlyDatabase(file, options);
  if (db === undefined) return undefined;
  const targetId = db.prepare('select id from target where name = ?').pluck();
  /** Undefined: the state does not know the target. */
  const ofTarget = <T>(target: string, read: (id: number) => T): T | undefined => {
    const id = targetId.get(target) as number | undefined;
    return id === undefined ? undefined : read(id);
  };
  return {
    mirror: openMirror(db),
    joinedSource: (name) => openJoinedSources(db).find(name),
    search: openSourceSearch(db),
    nextDates: openNextDates(db),
    browsing: openBrowsing(db),
    notifications: openNotificationView(db),
    conditions: openConditions(db),
    requireSound(maxBytes) {
      // A small state was checked when it was opened.
      if (!isCheckedOnOpening(file)) requireSoundState(db, file, maxBytes);
    },
    stuckBytes: () => stuckBytes(db),
    holder: () => runningHolder(db, file),
    lastPass: () => lastPass(db, false),
    lastAction: () => lastPass(db, true),
    targets: () => targetStatuses(db),
    knownTargets: () => knownTargets(db),
    currentTargetName: (name) => currentTargetName(db, name),
    keyChanges: openKeyChangeStore(db),
    snapshot: (target) => ofTarget(target, (id) => openSnapshot(db, id)),
    uniqueValues: (target) => ofTarget(target, (id) => openUniqueValueLookups(db, id)),
    accountsWithValue: (target, resourceType, text) =>
      ofTarget(target, (id) => accountsWithValue(db, id, resourceType, text)) ?? [],
    requestCounts: (target) => ofTarget(target, (id) => readRequestCounts(db, id)),
    orphans: (target, after, limit) => ofTarget(target, (id) => orphanPage(db, id, after, limit)) ?? [],
    drift: (filter) => allDrift(db, filter),
    history: openHistory(db),
    keysNamed: (resourceType, name) => keysNamed(db, resourceType, name),
    nameAtTarget: openNamesAtTargets(db),
    audit: openAuditView(db),
    passes: (period) => passesWithin(db, period),
    approvals: (of) => (of === undefined ? [] : of === 'waiting' ? waitingApprovals(db) : approvalsOfPass(db, of)),
    pendingUsers: (target, dueTimes) =>
      ofTarget(target, (id) => openPending(db, id, dueTimes(plannedAt(db, id))).usersWithAccess()) ?? [],
    pauses: () => allPauses(db),
    freezes: () => allFreezes(db),
    close: () => {
      db.close();
    },
  };
}
