import type { SampleState } from '../model/evidence.ts';
import type { LaneState } from '../model/target/lane-state.ts';
import type { LearnedFact } from '../model/target/learned-fact.ts';
import type { RequestCounts } from '../model/target/request-counts.ts';
import { instant, type Instant, type SourceKey } from '../model/ids.ts';
import type { KnownState } from '../model/resource.ts';
import type { ResourceType } from '../model/resource-type.ts';
import { openBrowsing, type Browsing } from './browse/browse.ts';
import { isCheckedOnOpening, openReadOnlyDatabase, type Db } from './database.ts';
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
import { openFailing, type FailingRecord } from './failing.ts';
import { openJoinedSources } from './joined/joined-sources.ts';
import { laneState } from './lanes/lanes.ts';
import { openMirror } from './mirror/mirror.ts';
import { openNextDates, type NextDates } from './next-dates.ts';
import { stuckBytes } from './retention/rewrite.ts';
import { runningHolder } from './running-holder.ts';
import { optionalInstant } from './sqlite/rows.ts';
import { accountsWithValue } from './search/account-search.ts';
import { openSourceSearch } from './search/source-search.ts';
import type { SourceSearch } from './search/search-interface.ts';
import { learnedFacts } from './snapshot/learned.ts';
import { orphanCounts, orphanPage } from './snapshot/orphans.ts';
import { secondLooks, type SecondLooks } from './snapshot/second-looks.ts';
import type { Orphan } from './snapshot/orphans-interface.ts';
import { openUniqueValueLookups } from './unique-values/unique-values.ts';
import type { UniqueValueLookups } from './unique-values/unique-values-interface.ts';
import { openSnapshot, type Snapshot } from './snapshot/snapshot.ts';
import { currentTargetName, knownTargets } from './snapshot/target-registry.ts';
import type { RegisteredTarget } from './snapshot/target-registry-interface.ts';
import { allFreezes } from './suspensions/freezes.ts';
import { allPauses, openPauses } from './suspensions/pauses.ts';
import { openPending, plannedAt } from './suspensions/pending.ts';
import type {
  ApprovalRecord,
  DueTimes,
  FreezeRecord,
  JoinedSources,
  MirrorView,
  NameAtTarget,
  PassInfo,
  Pause,
  PauseRecord,
} from './store.ts';

/** Read access to the state. It works while a pass is running. */
export interface ReadOnlyStore {
  readonly mirror: MirrorView;
  readonly joinedSource: JoinedSources['find'];
  readonly search: SourceSearch;
  readonly nextDates: NextDates;
  readonly browsing: Browsing;
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

/** What `status` shows of one target. */
export interface TargetStatus {
  readonly name: string;
  /** What its lane did when it last changed; undefined: it is free. */
  readonly lane: LaneState | undefined;
  /** Undefined: passes process the target. */
  readonly paused: Pause | undefined;
  readonly users: { readonly active: number; readonly inactive: number };
  readonly groups: number;
  readonly memberships: number;
  /** Records and memberships whose last operation did not succeed, or is held. */
  readonly due: number;
  /** Accounts that may exist although the target never acknowledged the create. */
  readonly uncertain: number;
  /** Accounts that are proven missing at the target. */
  readonly missing: number;
  /** Accounts that the target refused to delete. */
  readonly deletionsRefused: number;
  readonly secondLooks: SecondLooks;
  /** Listed accounts with an externalId that no record has. */
  readonly orphans: number;
  /** Listed accounts without an owner and without an externalId. */
  readonly unowned: number;
  /** When the target's users were last listed. */
  readonly listed: Instant | undefined;
  /** Number of readings that were committed since this target was last compared. */
  readonly behind: number;
  readonly last:
    | {
        readonly pass: number;
        readonly at: Instant;
        readonly ended: Instant | undefined;
        readonly result: string | undefined;
        readonly summary: unknown;
      }
    | undefined;
  /** Kinds of write that the target accepts without effect, such as `update of users by PATCH inside Bulk`. */
  readonly ignoredWrites: readonly { readonly kind: string; readonly at: Instant }[];
  /** What the target refuses, or accepts without effect. */
  readonly learned: readonly LearnedFact[];
  /** The last ServiceProviderConfig that was readable; `{}`: the target works without one. */
  readonly discovery: unknown;
  /** When the ServiceProviderConfig was last requested. */
  readonly discoveryReadAt: Instant | undefined;
  /** The first records and groups whose last operation did not succeed, with the last response. */
  readonly failing: readonly FailingRecord[];
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

/** A create whose id was wrong did have an effect, and the look-up after it found the resource. */
function factsWithEffect(facts: readonly LearnedFact[], samples: SampleState): readonly LearnedFact[] {
  return facts.filter(({ kind, subject }) => kind !== 'writeIgnored' || samples[subject]?.action !== 'create');
}

function targetStatuses(db: Db): readonly TargetStatus[] {
  const reading = (db.prepare('select number from reading').pluck().get() as number | undefined) ?? 0;
  const count = (sql: string, target: number): number => db.prepare(sql).pluck().get(target) as number;
  const last = db.prepare(`
    select p.id as pass, p.started as at, p.ended, p.result, t.summary
    from pass_target t
    join pass p on p.id = t.pass
    where t.target = ?
    order by t.pass desc
    limit 1`);
  const failing = openFailing(db);
  const pauses = openPauses(db);
  const targets = db
    .prepare(
      `
      select id, name, planned_reading as plannedReading, samples, discovery, discovery_read_at as readAt,
        listed
      from target
      order by name`,
    )
    .all() as {
    id: number;
    name: string;
    plannedReading: number;
    samples: string | null;
    discovery: string | null;
    readAt: number | null;
    listed: number | null;
  }[];
  return targets.map(({ id, name, plannedReading, samples, discovery, readAt, listed }) => {
    const facts = factsWithEffect(learnedFacts(db, id), samples === null ? {} : (JSON.parse(samples) as SampleState));
    const row = last.get(id) as
      { pass: number; at: number; ended: number | null; result: string | null; summary: string } | undefined;
    return {
      name,
      lane: laneState(db, id),
      paused: pauses.find(({ target }) => target === name),
      users: {
        active: count(`select count(*) from account where target = ? and resource_type = 'User' and active = 1`, id),
        inactive: count(`select count(*) from account where target = ? and resource_type = 'User' and active = 0`, id),
      },
      groups: count(`select count(*) from account where target = ? and resource_type = 'Group'`, id),
      memberships: count('select count(*) from membership where target = ?', id),
      due:
        count('select count(*) from requeue where target = ?', id) +
        count('select count(*) from requeue_membership where target = ?', id),
      uncertain: count('select count(*) from requeue where target = ? and verify_first = 1', id),
      missing: count('select count(*) from account where target = ? and missing_since is not null', id),
      deletionsRefused: count('select count(*) from account where target = ? and deletion_refused_at is not null', id),
      behind: Math.max(0, reading - plannedReading),
      secondLooks: secondLooks(db, id),
      ...orphanCounts(db, id),
      listed: optionalInstant(listed),
      last:
        row === undefined
          ? undefined
          : {
              pass: row.pass,
              at: instant(row.at),
              ended: optionalInstant(row.ended),
              result: row.result ?? undefined,
              summary: JSON.parse(row.summary) as unknown,
            },
      ignoredWrites: facts
        .filter(({ kind }) => kind === 'writeIgnored')
        .map(({ subject, confirmedAt }) => ({ kind: subject, at: confirmedAt })),
      learned: facts,
      discovery: discovery === null ? undefined : (JSON.parse(discovery) as unknown),
      discoveryReadAt: optionalInstant(readAt),
      failing: failing(id),
    };
  });
}
