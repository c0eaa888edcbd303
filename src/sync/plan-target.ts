import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Rules } from '../desired/rules.ts';
import { instant, type Instant } from '../model/ids.ts';
import type { Approval, Recent, TargetPlan, Totals } from '../model/plan.ts';
import { cost } from '../plan/cost.ts';
import { leaversAt } from '../plan/departure.ts';
import { guard } from '../plan/guard.ts';
import { phases, removalPhases } from '../plan/phases.ts';
import type { Extent, Journal, Note, Store, TargetStore } from '../store/store.ts';
import { day } from '../model/time.ts';
import type { Planning } from './planning.ts';
import { planMembers } from './plan-members.ts';
import { nameOfCandidate, planResources } from './plan-resources.ts';
import type { TargetSpec } from './spec.ts';
import { diffRulesOf, openFates } from './standing.ts';

export interface PlanInput {
  readonly spec: TargetSpec;
  readonly rules: Rules;
  readonly pass: number;
  readonly round: number;
  /** The reading that the mirror holds. */
  readonly reading: number;
  readonly full: boolean;
  readonly approval: Approval;
  /** Removals of so many ms before are judged together with this plan's; undefined: every plan for itself. */
  readonly guardWindowMs: number | undefined;
  readonly now: Instant;
}

/**
 * Compares one target with the mirror and records what must change as operations of the pass. Reaches no target: nothing
 * that it is given could.
 *
 * What the guard holds is recorded as held. Runs inside the caller's transaction.
 */
export async function planTarget(io: { readonly store: Store }, input: PlanInput): Promise<TargetPlan> {
  const { spec, rules, pass, round, now } = input;
  const { journal } = io.store;
  const store = await io.store.target(spec.name);
  const mark = rulesMark(spec, rules);
  const extent = await extentOf(store, input, mark);
  let removedUsers = 0,
    removedGroups = 0,
    renames = 0,
    notes: Note[] = [],
    problems = 0;
  const diffRules = diffRulesOf(spec, rules);
  const planning: Planning = {
    store,
    rules,
    diffRules,
    profile: spec.profile,
    now,
    mayWait: extent.kind !== 'full' || (await store.totals()).users > 0,
    fates: openFates(store, rules, diffRules, now),
    async add(operations) {
      for (const { operation, renames: isRename } of operations) {
        if (isRename) renames += 1;
        if (operation.action !== 'deactivate' && operation.action !== 'delete') continue;
        if (operation.kind === 'User') removedUsers += 1;
        else removedGroups += 1;
      }
      if (operations.length > 0) await journal.add(pass, spec.name, round, operations);
    },
    note(candidate, text, problem) {
      const name = 'name' in candidate ? candidate.name : nameOfCandidate(candidate);
      notes.push({ kind: candidate.kind, key: candidate.key, name, text, problem });
      if (problem) problems += 1;
    },
    unanswered: (kind, key) => journal.unanswered(spec.name, kind, key),
    async breathe() {
      if (notes.length > 0) await journal.note(pass, spec.name, notes);
      notes = [];
      await nextTurn();
    },
  };

  const moved = await planResources(planning, extent);
  const memberships = await planMembers(planning, extent, moved);
  await planning.breathe();
  await journal.orderByManager(pass, spec.name, round, phases.createUsers);

  const totals: Totals = {
    known: await store.totals(),
    removals: { users: removedUsers, groups: removedGroups, memberships },
    renames,
  };
  const verdict = guard({
    target: spec.name,
    totals,
    limits: spec.guard,
    approval: input.approval,
    recent: await recentOf(journal, input),
  });
  const counts = await journal.counts(pass, spec.name, round);
  if (verdict.kind === 'hold') {
    const removals = verdict.parts.includes('removals');
    await journal.hold(pass, spec.name, round, {
      phases: removals ? removalPhases : [],
      memberships: removals,
      renames: verdict.parts.includes('renames'),
    });
  }
  await journal.makeDue(pass, spec.name, round, extent);
  await store.derived(input.reading, mark);
  return {
    target: spec.name,
    counts,
    totals,
    verdict,
    problems,
    cost: cost(await journal.toSend(pass, spec.name, round), spec.profile.allows.requestsPerSecond),
  };
}

async function recentOf(journal: Journal, { spec, guardWindowMs, now }: PlanInput): Promise<Recent | undefined> {
  if (guardWindowMs === undefined) return undefined;
  return { withinMs: guardWindowMs, removals: await journal.removedSince(spec.name, instant(now - guardWindowMs)) };
}

/** Changes whenever the same records could mean another plan, so that everything is derived anew. */
function rulesMark({ leavers, profile }: TargetSpec, rules: Rules): string {
  const { deletion, deletionIsFinal, deletionEndsMemberships, inactiveUsers, inactiveChanges } = profile.speaks;
  const { membersPerGroup } = profile.allows;
  const decisive = [
    rules.fingerprint,
    leavers,
    profile.holds,
    deletion,
    deletionIsFinal,
    deletionEndsMemberships,
    inactiveUsers,
    inactiveChanges,
    ...(membersPerGroup === null ? [] : [membersPerGroup]),
  ];
  return createHash('sha256').update(JSON.stringify(decisive)).digest('hex');
}

/** Cost follows change, not size: everything is looked at only when the rules changed, or on demand. */
async function extentOf(store: TargetStore, { spec, round, full, now }: PlanInput, mark: string): Promise<Extent> {
  if (round > 0) return { kind: 'followUp' };
  const { deleteAfterDays } = leaversAt(spec.leavers, spec.profile.speaks.deletion);
  const inactiveBefore = deleteAfterDays === undefined ? undefined : ((now - deleteAfterDays * day) as Instant);
  const state = await store.state();
  return full || state.rules !== mark
    ? { kind: 'full', inactiveBefore }
    : { kind: 'changed', after: state.derived, inactiveBefore };
}
