import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { ChangeCount, Cost, TargetPlan } from '../model/plan.ts';
import { createChangeCounter } from '../plan/guard/count-changes.ts';
import type {
  Note,
  PlanningJournal,
  PlanningTarget,
  PlanningScope,
  PlanningTransaction,
  RecordRef,
  TargetState,
} from '../store/store.ts';
import { draftRound, judgeRound, type OtherRound } from './guard/judge-round.ts';
import { markReplaced } from './guard/mark-replaced.ts';
import type { PassApprovals } from './guard/pass-approvals.ts';
import { planningTime } from './guard/planning-time.ts';
import { loadPostponedTries } from '../plan/postponed-tries.ts';
import type { PlanContext } from './plan-context.ts';
import { planMembers } from './plan-members.ts';
import { candidateName, planResources } from './plan-resources.ts';
import type { PassOptions, PlanningDeps, TargetSpec } from './context.ts';
import { withFormerKeys } from './reading/key-changes.ts';
import { diffOptionsOf } from './evaluate-record.ts';
import { orderCreates } from './rounds/order-creates.ts';
import { planRemovals } from './rounds/plan-removals.ts';
import { createPlannedStates } from './planned-states.ts';
import { planningScopeOf, rulesFingerprint, type RoundKind } from './planning-scope.ts';
import { loadFrozenUsers } from './suspensions/frozen-users.ts';
import { addGroupsFor } from './user-groups/add-groups.ts';

/** Rounds that are planned and sent while round 0 is being planned. */
export interface EarlyRounds {
  /** Of the rounds from 1 on. */
  readonly plans: readonly TargetPlan[];
  /** Plans and sends what cannot wait. */
  between(): Promise<void>;
}

/** What `planTarget` plans: one round of one target. */
export interface PlanInput {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  readonly pass: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
  /**
   * Plans of this target's earlier rounds in this pass. Round 0 compares changed records; later rounds compare the
   * follow-ups of responses, or news.
   */
  readonly earlier: readonly OtherRound[];
  /** What changed since the target was last planned, while it executes the earlier rounds. */
  readonly isNews?: boolean;
  /** Only the removals of users whose records changed after this reading, while round 0 is being planned. */
  readonly removalsAfter?: number;
  /** Of round 0: what is planned and sent between two slices. */
  readonly early?: EarlyRounds | undefined;
  readonly options: Pick<PassOptions, 'full' | 'retry' | 'onlyRequeued' | 'at'>;
  readonly approvals: PassApprovals;
  /** The only records of this pass; undefined: all. */
  readonly subjects?: readonly RecordRef[] | undefined;
}

/**
 * Compares one target with the mirror and records the next round's operations; operations that the guard holds are
 * recorded as held. Its dependencies cannot reach a target. Runs inside the caller's transaction.
 */
export async function planTarget(deps: PlanningDeps, input: PlanInput): Promise<TargetPlan> {
  const startedAt = deps.clock.now();
  const plan = await compareAndRecord(deps.store, input, startedAt);
  deps.emit({
    type: 'planned',
    target: plan.target,
    operations: plan.cost.requests,
    milliseconds: deps.clock.now() - startedAt,
  });
  if (plan.verdict.kind === 'hold') deps.emit({ type: 'held', target: plan.target, reasons: plan.verdict.reasons });
  return plan;
}

async function compareAndRecord(stores: PlanningTransaction, input: PlanInput, clockNow: Instant): Promise<TargetPlan> {
  const { spec, pass, earlier, options } = input;
  const { journal, keyChanges } = stores;
  const mapping = withFormerKeys(input.mapping, keyChanges);
  const round = earlier.length;
  const store = await stores.target(spec.name);
  const fingerprint = rulesFingerprint(spec, mapping);
  const state = await store.state();
  const { plannedReading: after, loadedAt } = state;
  const { now, deletionsInDoubt } = await judgedTime(journal, store, input, clockNow);
  const scope = scopeOf(input, state, fingerprint, now);
  const counter = createChangeCounter();
  let unknownLeavers = 0,
    thawedLeavers = 0,
    notes: Note[] = [],
    problems = 0;
  const diffOptions = diffOptionsOf(spec, mapping);
  const hasNewRules = scope.kind === 'full' && state.mappingFingerprint !== fingerprint;
  const triesAll = hasNewRules || (round === 0 && isRetry(input));
  const known = await store.totals();
  const frozen = await loadFrozenUsers(stores, store);
  const postponedTries = await loadPostponedTries(store, triesAll ? undefined : { pass, now, after });
  const context: PlanContext = {
    pass,
    store,
    mapping,
    diffOptions,
    profile: spec.profile,
    now,
    deletionsInDoubt,
    hasPendingManagers: scope.kind !== 'full' || known.users > 0,
    plannedStates: createPlannedStates(store, mapping, diffOptions, now, input.subjects, frozen),
    frozen,
    subjects: input.subjects,
    addGroups: addGroupsFor(mapping, () => store.userGroups.openLookup()),
    postponedTries,
    async add(operations) {
      for (const planned of operations) counter.add(planned);
      if (operations.length > 0) await journal.add(pass, spec.name, round, operations);
    },
    async withdraw(resourceType, key) {
      const planned = await journal.withdraw(pass, spec.name, round, resourceType, key);
      if (planned !== undefined) counter.remove(planned);
    },
    note(candidate, text, problem) {
      const name = 'name' in candidate ? candidate.name : candidateName(candidate);
      notes.push({ resourceType: candidate.resourceType, key: candidate.key, name, text, problem });
      if (problem) problems += 1;
    },
    addUnknownLeaver(key) {
      unknownLeavers += 1;
      if (frozen.isThawed(key)) thawedLeavers += 1;
    },
    unansweredCreate: (resourceType, key) => journal.unansweredCreate(spec.name, resourceType, key),
    async nextSlice() {
      if (notes.length > 0) await journal.note(pass, spec.name, notes);
      notes = [];
      await stores.nextSlice(input.early?.between);
    },
  };

  await journal.beginDraft(pass, spec.name, round);
  const compare = scope.kind === 'removals' ? planRemovals : planResources;
  const groupsToRecompute = await compare(context, scope);
  const { deleted, emptied } = await planMembers(context, scope, groupsToRecompute);
  const superseded = await supersede(journal, input);
  const reading = await stores.mirror.last();
  const groups = { pass, spec, round, known, emptied, loadedAt, reading, now };
  counter.addCount('groupsRemoved', emptied);
  counter.addCount('membershipsRemoved', -(await markReplaced(journal, groups)));
  for (const count of deleted.values()) counter.addCount('membershipsRemoved', count);
  await journal.setEndedMemberships(pass, spec.name, round, deleted);
  await context.nextSlice();
  await orderCreates(journal, { pass, target: spec.name, round }, context.nextSlice);

  // The first load, or the guard, let these creates through before.
  if (loadedAt !== undefined)
    counter.addCount('usersCreated', -(await journal.repeatedCreates(pass, spec.name, round)));

  const changes = counter.counts();
  const counts = await journal.counts(pass, spec.name, round);
  const verdict = await judgeRound(journal, {
    ...{ spec, pass, round, known, changes, loadedAt, now, deletionsInDoubt },
    earlier: otherRounds(input),
    approvals: input.approvals,
    reading,
    removalCommand: removalCommandOf(spec.name, options),
  });
  const waitingForNames = await journal.waitingForNames(pass, spec.name, maxNamedWaiting);
  await journal.note(
    pass,
    spec.name,
    waitingForNames.first.map(({ reason, ...record }) => ({ ...record, text: reason, problem: false })),
  );
  await journal.requeueRound(pass, spec.name, round, scope);
  // What the command did not requeue is compared by the next pass.
  if (plansAll(input)) await store.markPlanned(input.reading, fingerprint, now);
  // The list of the target was read for a plan that created them.
  const hasNewUnknownLeavers = unknownLeavers > 0 && superseded.length > 0;
  if (unknownLeavers > 0) await markLeaversUnmatched(store, spec, thawedLeavers > 0 || hasNewUnknownLeavers);
  const cost = costOf(await journal.countPending(pass, spec.name, round), spec.profile.limits.requestsPerSecond);
  await journal.endDraft(pass, spec.name, round);
  return {
    target: spec.name,
    counts,
    known,
    changes,
    superseded,
    hasNewUnknownLeavers,
    verdict,
    firstLoad: firstLoadOf(changes, loadedAt === undefined || known.users === 0),
    problems,
    hasUnmatchedLeavers: await hasUnmatchedLeavers(store, input),
    waiting: round === 0 ? postponedTries.count : 0,
    waitingForNames,
    frozen: frozen.held(),
    cost,
  };
}

const kindOf = (input: PlanInput): RoundKind =>
  input.isNews === true ? 'news' : input.earlier.length > 0 || isPartial(input) ? 'followUps' : 'changes';

function scopeOf(input: PlanInput, state: TargetState, fingerprint: string, now: Instant): PlanningScope {
  const { spec, pass, options, removalsAfter } = input;
  return removalsAfter === undefined
    ? planningScopeOf(state, { spec, pass, kind: kindOf(input), isFull: options.full }, fingerprint, now)
    : { kind: 'removals', after: removalsAfter };
}

/** What the guard judges together with the round. */
const otherRounds = ({ earlier, early }: PlanInput): readonly OtherRound[] =>
  early === undefined || early.plans.length === 0 ? earlier : [draftRound, ...early.plans];

/** News takes the place of what the earlier rounds have not sent yet. */
async function supersede(
  journal: PlanningJournal,
  { pass, spec, earlier, isNews }: PlanInput,
): Promise<readonly number[]> {
  if (isNews !== true) return [];
  await journal.postponeUnready(pass, spec.name, earlier.length);
  return journal.supersede(pass, spec.name, earlier.length);
}

/** The moment by which dates are judged, and the deletions that a clock in doubt makes due. */
async function judgedTime(
  journal: PlanningJournal,
  store: PlanningTarget,
  input: PlanInput,
  clock: Instant,
): Promise<Pick<PlanContext, 'now' | 'deletionsInDoubt'>> {
  const { spec, pass, earlier, isNews, options } = input;
  const round = isNews === true || input.removalsAfter !== undefined ? 0 : earlier.length;
  const moment = { pass, target: spec.name, round, clock, at: options.at };
  const { now, doubt, isSetRight } = await planningTime(journal, await store.state(), moment);
  if (isSetRight && plansAll(input)) await store.forgetTimesAfter(now);
  return { now, deletionsInDoubt: doubt === undefined ? undefined : { doubt, users: new Set<SourceKey>() } };
}

/** Whether the pass plans only what a command chose. */
const isPartial = ({ options, subjects }: PlanInput): boolean =>
  options.onlyRequeued !== undefined || subjects !== undefined;

/** Whether nothing is left to another planning of the same reading. */
const plansAll = (input: PlanInput): boolean => !isPartial(input) && input.removalsAfter === undefined;

/** A conflict fails until the operator lets it be adopted, so its next try may be later. */
const isRetry = ({ spec, options, subjects }: PlanInput): boolean =>
  options.retry === true || spec.adoptConflicts || subjects !== undefined;

/** A user whose freeze ended, or whose create was superseded, was left out when the target was listed. */
async function markLeaversUnmatched(store: PlanningTarget, spec: TargetSpec, isListedAgain: boolean): Promise<void> {
  if (spec.adopt && (isListedAgain || (await store.state()).listedAt === undefined)) await store.markLeaversUnmatched();
}

const hasUnmatchedLeavers = async (store: PlanningTarget, { spec, subjects }: PlanInput): Promise<boolean> =>
  subjects === undefined && spec.adopt && (await store.state()).leaversUnmatched;

/** At most this number of records that wait for a name is noted and shown. */
export const maxNamedWaiting = 100;

/** The command that lets held removals through, in a pass that plans only what a command requeued. */
function removalCommandOf(target: string, { onlyRequeued }: PlanInput['options']): string | undefined {
  if (onlyRequeued === undefined) return undefined;
  return onlyRequeued === 'orphans' ? `orphans --target ${target} --remove …` : `drift --target ${target} --repair`;
}

/** One request per operation at the target's own limit, without failures. */
export function costOf(operations: number, requestsPerSecond: number): Cost {
  return { requests: operations, milliseconds: Math.ceil((operations / requestsPerSecond) * 1000) };
}

/** How many users a first load creates; undefined: it is none, or it creates no user. */
function firstLoadOf(changes: readonly ChangeCount[], isFirstLoad: boolean): number | undefined {
  return isFirstLoad ? changes.find(({ kind }) => kind === 'usersCreated')?.count : undefined;
}
