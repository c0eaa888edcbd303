import { instant, type Instant } from '../../model/ids.ts';
import type { ChangeCount, ChangeKind, Known, TargetPlan, Verdict, Violation } from '../../model/plan.ts';
import {
  guard,
  isRemovalKind,
  kindsToCount,
  withViolations,
  type GuardInput,
  type JudgedRound,
} from '../../plan/guard/guard.ts';
import { withDeletionsInDoubt, type DeletionsInDoubt } from '../../plan/guard/clock-jump.ts';
import { heldChanges, heldShare, type MembershipClass } from '../../plan/guard/hold.ts';
import { removalPhases } from '../../plan/phases.ts';
import type { PlanningJournal, Reading, RoundsByKind, StoredOperation, WindowStart } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import type { PassApprovals } from './pass-approvals.ts';
import { heldDigest } from './plan-id.ts';

/** Another round of the pass at the target. */
export type OtherRound = JudgedRound & Pick<TargetPlan, 'changes'>;

/** A round whose planning is not complete. */
export const draftRound: OtherRound = { verdict: { kind: 'allow' }, changes: [] };

/** One planned round at one target, before the guard judges it. */
export interface PlannedRound {
  readonly spec: TargetSpec;
  readonly pass: number;
  readonly round: number;
  readonly known: Known;
  readonly changes: readonly ChangeCount[];
  /** The other rounds of the pass, by their numbers. */
  readonly earlier: readonly OtherRound[];
  readonly approvals: PassApprovals;
  /** When the first load of the target ended; undefined: this pass begins or continues it. */
  readonly loadedAt: Instant | undefined;
  /** The last reading of the source. */
  readonly reading: Pick<Reading, 'completed'> | undefined;
  readonly now: Instant;
  /** The command of a pass that only removes (`GuardInput.removalCommand`). */
  readonly removalCommand?: string | undefined;
  /** Of a plan that no pass makes: an approval that waits for a pass is not for it. Undefined: a pass makes it. */
  readonly planCommands?: GuardInput['planCommands'];
  /** Undefined: the clock is not in doubt. */
  readonly deletionsInDoubt?: DeletionsInDoubt | undefined;
}

/**
 * Judges a round and holds what exceeds a limit, and what needs the name of an account that is held. An approval lets
 * it through:
 *
 *     sync --plan ID          all of round 0
 *     approve ID              what round 0 holds, if it is exactly what the approved plan held
 *     --allow-removals N      the removals, while N lasts
 *
 * @returns the hold that remains
 */
export async function judgeRound(journal: PlanningJournal, round: PlannedRound): Promise<Verdict> {
  const verdict = await judge(journal, round);
  const { spec, pass, earlier, approvals, round: number } = round;
  if (verdict.kind === 'hold') await holdViolations(journal, round, verdict.violations);
  else if (earlier.some(({ verdict: before }) => holdsRenames(before))) await holdAdditionsOfRenamed(journal, round);
  const isOfPass = round.planCommands === undefined;
  const waiting = number > 0 || !isOfPass ? undefined : await settleWaiting(journal, round);
  if (verdict.kind === 'allow') return verdict;
  const approvalOfAll = number === 0 && approvals.isPlanApproved ? approvals.id : waiting;
  if (approvalOfAll !== undefined) {
    await journal.release(pass, spec.name, number, approvalOfAll);
    return { kind: 'allow' };
  }
  const removals = verdict.violations.filter(({ kind }) => isRemovalKind(kind));
  const count = removals.reduce((sum, { planned }) => sum + planned, 0);
  if (approvals.id === undefined || count === 0 || !approvals.spendRemovals(count)) return verdict;
  await journal.release(pass, spec.name, number, approvals.id);
  const rest = withViolations(verdict, ({ kind }) => !isRemovalKind(kind));
  if (rest.kind === 'hold') await holdViolations(journal, round, rest.violations);
  return rest;
}

async function judge(journal: PlanningJournal, round: PlannedRound): Promise<Verdict> {
  const { spec, pass, known, changes, earlier, loadedAt, now, removalCommand, planCommands } = round;
  const start = windowStart(round);
  const kinds = kindsToCount(changes, loadedAt === undefined);
  const recent =
    start === undefined || kinds.size === 0 ? [] : await journal.changedSince(spec.name, start, pass, kinds);
  const inPass =
    earlier.length === 0 || kinds.size === 0
      ? { earlier: [], approved: [] }
      : await journal.changedInPass(pass, spec.name, round.round, roundsByKind(kinds, earlier));
  const verdict = guard({
    known: await beforeWindow(journal, round, start, recent),
    ...{ target: spec.name, changes, recent, earlier, limits: spec.guard, removalCommand, planCommands },
    ...{ earlierChanges: inPass.earlier, approvedChanges: inPass.approved },
    windowMs:
      start === undefined ? { removals: 0, others: 0 } : { removals: now - start.removals, others: now - start.others },
    isFirstLoad: loadedAt === undefined,
  });
  const { deletionsInDoubt: deletions } = round;
  return deletions === undefined ? verdict : withDeletionsInDoubt(verdict, deletions, { target: spec.name, known });
}

const roundsByKind = (kinds: ReadonlySet<ChangeKind>, earlier: PlannedRound['earlier']): RoundsByKind =>
  new Map(
    [...kinds].map((kind) => [
      kind,
      [...earlier.keys()].filter((round) => earlier[round]?.changes.some((one) => one.kind === kind)),
    ]),
  );

/**
 * What the target held when the window began, as far as `recent` does not show it: a new group that takes the place of
 * one that left does not raise the limit for the others.
 */
async function beforeWindow(
  journal: PlanningJournal,
  { spec, pass, known }: PlannedRound,
  start: WindowStart | undefined,
  recent: readonly ChangeCount[],
): Promise<Known> {
  const removed = recent
    .filter(({ kind }) => kind === 'groupsRemoved' || kind === 'groupsMissing')
    .reduce((sum, { count }) => sum + count, 0);
  if (start === undefined || removed === 0) return known;
  const { created } = await journal.groupTurnoverSince(spec.name, start, pass);
  return { ...known, groups: known.groups - Math.min(created, removed, known.groups) };
}

/**
 * The guard looks back by `guard.window`. Removals count at least since the last complete reading: incremental readings
 * after it rest on what the source reported. What the first load created does not count.
 */
export function windowStart({
  spec,
  reading,
  loadedAt,
  now,
}: Pick<PlannedRound, 'reading' | 'loadedAt' | 'now'> & {
  readonly spec: Pick<TargetSpec, 'guard'>;
}): WindowStart | undefined {
  const { windowMs } = spec.guard;
  if (windowMs === 0) return undefined;
  const start = now - windowMs;
  return {
    removals: instant(Math.min(start, reading?.completed ?? start)),
    // What the first load sent was answered before it ended.
    others: instant(loadedAt === undefined ? start : Math.max(start, loadedAt + 1)),
  };
}

/**
 * Settles the approvals that wait for this target: each is for one pass.
 *
 * @returns the approval that lets through what the round holds
 */
async function settleWaiting(journal: PlanningJournal, { spec, pass }: PlannedRound): Promise<number | undefined> {
  const waiting = await journal.waitingApprovals(spec.name);
  if (waiting.length === 0) return undefined;
  const held = await heldDigest(journal, pass, spec.name);
  const used = waiting.find((approval) => approval.held === held);
  for (const { id } of waiting) await journal.settleApproval(id, pass, id === used?.id ? 'used' : 'void');
  return used?.id;
}

const pageSize = 1000;

async function holdViolations(
  journal: PlanningJournal,
  round: PlannedRound,
  violations: readonly Violation[],
): Promise<void> {
  const { spec, pass, earlier, round: number } = round;
  await holdKinds(journal, round, violations);
  if (holdsRenames({ kind: 'hold', violations }) || earlier.some(({ verdict }) => holdsRenames(verdict)))
    await holdAdditionsOfRenamed(journal, round);
  await journal.holdWaiting(pass, spec.name, number, removalPhases);
}

const holdsRenames = (verdict: { kind: 'allow' } | { kind: 'hold'; violations: readonly Violation[] }): boolean =>
  verdict.kind === 'hold' && verdict.violations.some(({ kind }) => kind === 'usersRenamed');

/** A held rename leaves the owner of the account in doubt, so the account gets no access either. */
async function holdAdditionsOfRenamed(journal: PlanningJournal, round: PlannedRound): Promise<void> {
  await journal.markAdditionsOfRenamed(round.pass, round.spec.name, round.round);
  await holdKinds(journal, round, [{ kind: 'usersRenamed' }]);
}

async function holdKinds(
  journal: PlanningJournal,
  { spec, pass, round, deletionsInDoubt }: PlannedRound,
  violations: readonly (Pick<Violation, 'kind' | 'subject'> & Partial<Pick<Violation, 'code'>>)[],
): Promise<void> {
  const held = heldChanges(violations, deletionsInDoubt?.users);
  let page: readonly StoredOperation[] = [];
  do {
    page = await journal.operations(pass, spec.name, round, page.at(-1), pageSize);
    const splits: { id: number; classes: readonly MembershipClass[] }[] = [];
    const ids: number[] = [];
    for (const stored of page) {
      const share = heldShare(stored, held);
      if (share === 'nothing') continue;
      ids.push(stored.id);
      if (share !== 'all') splits.push({ id: stored.id, classes: share.classes });
    }
    await journal.splitMembers(splits);
    await journal.hold(ids);
  } while (page.length > 0);
}
