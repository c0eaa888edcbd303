import { zeroCounts, type TargetPlan } from '../../model/plan.ts';
import { effectiveLeaverPolicy } from '../../plan/leavers.ts';
import type { StateView } from '../../store/store.ts';
import type { Emit } from '../events.ts';
import type { TargetSpec } from '../context.ts';

/**
 * The plan of a reading without users. Such a reading is a broken export, so it is always held: neither limits nor an
 * approval let it through. The mirror keeps its content, so nothing is planned; the plan shows how many users would
 * have lost access.
 */
export async function heldEmptySource(
  store: Pick<StateView, 'target'>,
  spec: TargetSpec,
  emit: Emit,
): Promise<TargetPlan> {
  const target = await store.target(spec.name);
  const known = await target.totals();
  const { action } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
  const leavers = action === 'delete' ? known.users : known.activeUsers;
  const counts = { ...zeroCounts(), ...(action === 'keep' ? {} : { [action]: leavers }) };
  const reason =
    `${spec.name}: the source contains no users; ` +
    `${leavers === 1 ? 'the only user' : `all ${leavers} users`} with access ` +
    'would lose it. ' +
    'A reading without users is always held: limits and approvals do not apply. ' +
    'Correct the source; the next pass reads it again.';
  const isEmptyTarget = known.users + known.groups === 0;
  if (!isEmptyTarget) emit({ type: 'held', target: spec.name, reasons: [reason] });
  return {
    target: spec.name,
    counts: isEmptyTarget ? zeroCounts() : counts,
    known,
    changes: [],
    firstLoad: undefined,
    verdict: isEmptyTarget
      ? { kind: 'allow' }
      : {
          kind: 'hold',
          parts: ['removals'],
          violations: [
            {
              code: 'guard.emptySource',
              kind: 'usersRemoved',
              planned: known.users,
              count: known.users,
              known: known.users,
              limit: undefined,
            },
          ],
          reasons: [reason],
          removals: known.users,
          renames: 0,
        },
    cost: { requests: 0, milliseconds: 0 },
    problems: 0,
    hasUnmatchedLeavers: false,
    waiting: 0,
    waitingForNames: { total: 0, first: [] },
    frozen: { total: 0, operations: [] },
  };
}
