import type { TargetPlan } from '../../model/plan.ts';
import type { PlanningTransaction } from '../../store/store.ts';
import { judgeRound } from '../guard/judge-round.ts';
import { costOf } from '../plan-target.ts';
import { planMemberships } from './plan-memberships.ts';
import { planRecords } from './plan-records.ts';
import { openDraft } from './undo-draft.ts';
import type { UndoInput } from './undo-input.ts';

/**
 * Plans the undo of a pass at one target: records the operations that take back what the pass did, and lets the guard
 * judge them as a plan of its own. Its dependencies cannot reach a target. Runs inside the caller's transaction.
 */
export async function planUndo(stores: PlanningTransaction, input: UndoInput): Promise<TargetPlan> {
  const { spec, pass, now, approvals, commands } = input;
  const { name } = spec;
  const draft = await openDraft(stores, input);
  const { journal, store, counter, notes, frozen } = draft;
  const [known, { loadedAt }] = [await store.totals(), await store.state()];
  await journal.beginDraft(pass, name, 0);
  await planRecords(draft);
  const ended = await planMemberships(draft);
  for (const count of ended.values()) counter.addCount('membershipsRemoved', count);
  await journal.setEndedMemberships(pass, name, 0, ended);
  const changes = counter.counts();
  const verdict = await judgeRound(journal, {
    ...{ spec, pass, round: 0, known, changes, earlier: [], approvals, loadedAt, now },
    reading: await stores.mirror.last(),
    planCommands: commands,
  });
  await journal.note(pass, name, notes);
  // The source still asks for what is undone: the next pass of the target compares it.
  await journal.requeueRound(pass, name, 0, undefined);
  await journal.endDraft(pass, name, 0);
  return {
    ...{ target: name, known, changes, verdict },
    counts: await journal.counts(pass, name, 0),
    firstLoad: undefined,
    cost: costOf(await journal.countPending(pass, name, 0), spec.profile.limits.requestsPerSecond),
    problems: notes.filter(({ problem }) => problem).length,
    hasUnmatchedLeavers: false,
    waiting: 0,
    waitingForNames: { total: 0, first: [] },
    frozen: frozen.held(),
  };
}
