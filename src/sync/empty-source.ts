import { zeroCounts, type TargetPlan } from '../model/plan.ts';
import { effectiveLeaverPolicy } from '../plan/leavers.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { TargetSpec } from './context.ts';

/**
 * A reading without anybody is never carried out, whatever the limits and whatever was approved: it is a broken export. The
 * mirror keeps what it had, so nothing is planned; the plan says what it would have meant.
 */
export async function heldEmptySource(
  store: Store,
  specs: readonly TargetSpec[],
  emit: Emit,
): Promise<readonly TargetPlan[]> {
  const plans: TargetPlan[] = [];
  for (const spec of specs) {
    const target = await store.target(spec.name);
    const known = await target.totals();
    const { action } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
    const leavers = action === 'delete' ? known.users : await target.countActiveUsers();
    const counts = { ...zeroCounts(), ...(action === 'keep' ? {} : { [action]: leavers }) };
    const reason =
      `${spec.name}: the source holds nobody at all, which would take the access of all ${leavers} people who have it there. ` +
      'An empty reading is always held, whatever the limits; mend the export, and the next pass goes on.';
    const isEmptyTarget = known.users + known.groups === 0;
    if (!isEmptyTarget) emit({ type: 'held', target: spec.name, reasons: [reason] });
    plans.push({
      target: spec.name,
      counts: isEmptyTarget ? zeroCounts() : counts,
      totals: { known, removals: { users: known.users, groups: 0, memberships: 0 }, renames: 0 },
      verdict: isEmptyTarget
        ? { kind: 'allow' }
        : {
            kind: 'hold',
            parts: ['removals'],
            violations: [{ code: 'guard.emptySource', count: known.users, known: known.users }],
            reasons: [reason],
            removals: known.users,
            renames: 0,
          },
      cost: { requests: 0, milliseconds: 0 },
      problems: 0,
    });
  }
  return plans;
}
