import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { TargetMapping } from '../desired/target-mapping.ts';
import { instant, type Instant } from '../model/ids.ts';
import { isRemoval } from '../model/operation.ts';
import type { Cost, HeldPart, RecentRemovals, TargetPlan, Totals } from '../model/plan.ts';
import { effectiveLeaverPolicy } from '../plan/leavers.ts';
import { guard } from '../plan/guard.ts';
import { heldShare } from '../plan/hold.ts';
import { managerWaves } from '../plan/manager-order.ts';
import { phases } from '../plan/phases.ts';
import type { PlanningScope, Journal, Note, Store, StoredOperation, TargetStore } from '../store/store.ts';
import { dayMs } from '../model/time.ts';
import { maybeListed } from './execution/listings.ts';
import { loadPostponedTries } from '../plan/postponed-tries.ts';
import type { PlanContext } from './plan-context.ts';
import { planMembers } from './plan-members.ts';
import { candidateName, planResources } from './plan-resources.ts';
import type { PassOptions, PlanDeps, TargetSpec } from './context.ts';
import { withFormerKeys } from './reading/key-changes.ts';
import { diffOptionsOf, createPlannedStates } from './evaluate-record.ts';

/** What `planTarget` plans: one round of one target. */
export interface PlanInput {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  readonly pass: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
  /**
   * Plans of this target's earlier rounds in this pass. Round 0 compares changed records; later rounds compare the
   * follow-ups of responses.
   */
  readonly earlier: readonly TargetPlan[];
  readonly options: Pick<PassOptions, 'full' | 'retry' | 'approval' | 'guardWindowMs'>;
}

/**
 * Compares one target with the mirror and records the next round's operations; operations that the guard holds are
 * recorded as held. Its dependencies cannot reach a target. Runs inside the caller's transaction.
 */
export async function planTarget(deps: PlanDeps, input: PlanInput): Promise<TargetPlan> {
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

async function compareAndRecord(stores: Store, input: PlanInput, now: Instant): Promise<TargetPlan> {
  const { spec, pass, earlier, options } = input;
  const { journal, keyChanges } = stores;
  const mapping = withFormerKeys(input.mapping, keyChanges);
  const round = earlier.length;
  const store = await stores.target(spec.name);
  const fingerprint = rulesFingerprint(spec, mapping);
  const scope = await planningScopeOf(store, input, fingerprint, now);
  const removed = { User: 0, Group: 0 };
  const recreated = { User: 0, Group: 0 };
  let renames = 0,
    unknownLeavers = 0,
    notes: Note[] = [],
    problems = 0;
  const diffOptions = diffOptionsOf(spec, mapping);
  // A conflict fails until the operator lets it be adopted, so its next try may be later.
  const isRetry = options.retry === true || spec.adoptConflicts;
  const hasNewRules = scope.kind === 'full' && (await store.state()).mappingFingerprint !== fingerprint;
  const triesAll = hasNewRules || (round === 0 && isRetry);
  const { plannedReading: after } = await store.state();
  const postponedTries = await loadPostponedTries(store, triesAll ? undefined : { pass, now, after });
  const context: PlanContext = {
    store,
    mapping,
    diffOptions,
    profile: spec.profile,
    now,
    hasPendingManagers: scope.kind !== 'full' || (await store.totals()).users > 0,
    plannedStates: createPlannedStates(store, mapping, diffOptions, now),
    postponedTries,
    async add(operations) {
      for (const { operation, isRenaming: isRename, isRepeatedDeletion } of operations) {
        if (isRename) renames += 1;
        if (isRemoval(operation) && isRepeatedDeletion !== true) removed[operation.resourceType] += 1;
        if (operation.action === 'create' && operation.isRecreation === true) recreated[operation.resourceType] += 1;
      }
      if (operations.length > 0) await journal.add(pass, spec.name, round, operations);
    },
    note(candidate, text, problem) {
      const name = 'name' in candidate ? candidate.name : candidateName(candidate);
      notes.push({ resourceType: candidate.resourceType, key: candidate.key, name, text, problem });
      if (problem) problems += 1;
    },
    addUnknownLeaver() {
      unknownLeavers += 1;
    },
    unansweredCreate: (resourceType, key) => journal.unansweredCreate(spec.name, resourceType, key),
    async yieldToEventLoop() {
      if (notes.length > 0) await journal.note(pass, spec.name, notes);
      notes = [];
      await nextTurn();
    },
  };

  const groupsToRecompute = await planResources(context, scope);
  const memberships = await planMembers(context, scope, groupsToRecompute);
  await context.yieldToEventLoop();
  await orderCreates(journal, pass, spec.name, round);

  const totals: Totals = {
    known: await store.totals(),
    removals: { users: removed.User, groups: removed.Group, memberships },
    recreations: { users: recreated.User, groups: recreated.Group },
    renames,
  };
  const verdict = guard({
    target: spec.name,
    totals,
    limits: spec.guard,
    approval: options.approval,
    recent: await recentRemovalsOf(journal, input, now),
    earlier,
  });
  const counts = await journal.counts(pass, spec.name, round);
  if (verdict.kind === 'hold') await holdParts(journal, pass, spec.name, round, verdict.parts);
  await journal.requeueRound(pass, spec.name, round, scope);
  await store.markPlanned(input.reading, fingerprint);
  if (unknownLeavers > 0 && maybeListed(spec) && (await store.state()).listedAt === undefined)
    await store.markLeaversUnmatched();
  return {
    target: spec.name,
    counts,
    totals,
    verdict,
    problems,
    hasUnmatchedLeavers: maybeListed(spec) && (await store.state()).leaversUnmatched,
    waiting: round === 0 ? postponedTries.count : 0,
    cost: costOf(await journal.countPending(pass, spec.name, round), spec.profile.limits.requestsPerSecond),
  };
}

const pageSize = 1000;

/** If a user and the manager are both created, the manager comes first. */
async function orderCreates(journal: Journal, pass: number, target: string, round: number): Promise<void> {
  const creates: number[] = [];
  const managers: number[] = [];
  for (let after = 0; ;) {
    const page = await journal.managedCreates(pass, target, round, phases.createUsers, after, pageSize);
    if (page.length === 0) break;
    for (const { create, manager } of page) {
      creates.push(create);
      managers.push(manager);
      after = create;
    }
  }
  const { waves } = managerWaves(creates, managers);
  for (let start = 0; start < creates.length; start += pageSize) {
    const page = creates.slice(start, start + pageSize);
    await journal.setWaves(page.map((operation, index) => ({ operation, wave: waves[start + index] ?? 0 })));
  }
}

async function holdParts(
  journal: Journal,
  pass: number,
  target: string,
  round: number,
  parts: readonly HeldPart[],
): Promise<void> {
  let page: readonly StoredOperation[] = [];
  do {
    page = await journal.operations(pass, target, round, page.at(-1), pageSize);
    const shares = page.map((stored) => ({ id: stored.id, share: heldShare(stored, parts) }));
    await journal.splitAdditions(shares.filter(({ share }) => share === 'removedMembers').map(({ id }) => id));
    await journal.hold(shares.filter(({ share }) => share !== 'nothing').map(({ id }) => id));
  } while (page.length > 0);
}

/** One request per operation at the target's own limit, without failures. */
function costOf(operations: number, requestsPerSecond: number): Cost {
  return { requests: operations, milliseconds: Math.ceil((operations / requestsPerSecond) * 1000) };
}

async function recentRemovalsOf(
  journal: Journal,
  { spec, pass, options: { guardWindowMs } }: PlanInput,
  now: Instant,
): Promise<RecentRemovals | undefined> {
  if (guardWindowMs === undefined) return undefined;
  const since = instant(now - guardWindowMs);
  return { withinMs: guardWindowMs, ...(await journal.removedSince(spec.name, since, pass)) };
}

/** Changes whenever the same records could lead to another plan; all records are then evaluated again. */
function rulesFingerprint({ leavers, profile }: TargetSpec, mapping: TargetMapping): string {
  const { deletion, deletionIsFinal, deletionEndsMemberships, inactiveUsers, inactiveUsersWritable } = profile.protocol;
  const { membersPerGroup } = profile.limits;
  const inputs = [
    mapping.fingerprint,
    leavers,
    profile.supports,
    deletion,
    deletionIsFinal,
    deletionEndsMemberships,
    inactiveUsers,
    inactiveUsersWritable,
    ...(membersPerGroup === null ? [] : [membersPerGroup]),
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** Cost follows change, not size: a plan compares all records only when the rules changed, or on demand. */
async function planningScopeOf(
  store: TargetStore,
  { spec, earlier, options }: PlanInput,
  fingerprint: string,
  now: Instant,
): Promise<PlanningScope> {
  if (earlier.length > 0) return { kind: 'followUp' };
  const { deleteAfterDays } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
  const inactiveBefore = deleteAfterDays === undefined ? undefined : ((now - deleteAfterDays * dayMs) as Instant);
  const state = await store.state();
  return options.full || state.mappingFingerprint !== fingerprint
    ? { kind: 'full', inactiveBefore }
    : { kind: 'changed', after: state.plannedReading, inactiveBefore };
}
