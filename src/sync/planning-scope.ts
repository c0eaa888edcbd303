import { createHash } from 'node:crypto';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant } from '../model/ids.ts';
import { boundarySpans } from '../plan/access-phase.ts';
import { effectiveLeaverPolicy } from '../plan/leavers.ts';
import type { DueTimes, PlanningScope, TargetState } from '../store/store.ts';
import type { TargetSpec } from './context.ts';
import { timingOf } from './evaluate-record.ts';

/** Changes whenever the same records could lead to another plan; all records are then evaluated again. */
export function rulesFingerprint({ leavers, joiners, zone, profile }: TargetSpec, mapping: TargetMapping): string {
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
    ...(joiners === undefined ? [] : [joiners]),
    // The zone decides only where days are counted.
    ...(joiners === undefined && leavers.deactivateDaysAfter === 0 && leavers.deleteAfterDays === undefined
      ? []
      : [zone]),
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** What a round plans: what changed, the follow-ups of responses, or news for a target that executes earlier rounds. */
export type RoundKind = 'changes' | 'followUps' | 'news';

/** Cost follows change, not size: a plan compares all records only when the rules changed, or on demand. */
export function planningScopeOf(
  state: TargetState,
  round: {
    readonly spec: TargetSpec;
    readonly pass: number;
    readonly kind: RoundKind;
    readonly isFull: boolean;
  },
  fingerprint: string,
  now: Instant,
): PlanningScope {
  const { spec, pass, kind, isFull } = round;
  if (kind === 'followUps') return { kind: 'followUp', pass };
  const { boundaries, deletions } = dueTimes(spec, state, now);
  const { plannedReading: after, plannedAt } = state;
  if (kind === 'news') return { kind: 'news', after, deletions, deletionsSince: plannedAt, boundaries };
  return isFull || state.mappingFingerprint !== fingerprint
    ? { kind: 'full', deletions }
    : { kind: 'changed', after, deletions, boundaries };
}

/** What is due by time at a target, from its last planning until now. */
export function dueTimes(spec: TargetSpec, { plannedAt }: Pick<TargetState, 'plannedAt'>, now: Instant): DueTimes {
  const timing = timingOf(spec);
  const { deleteAfterDays: days } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
  // After a clock that was ahead was set right, the dates up to then have no effect yet.
  const [after, until] = plannedAt !== undefined && plannedAt > now ? [now, plannedAt] : [plannedAt, now];
  return {
    boundaries: boundarySpans(timing, after, until),
    deletions: days === undefined ? undefined : { days, zone: timing.zone, now },
  };
}
