import { createHash } from 'node:crypto';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant } from '../model/ids.ts';
import { dayMs } from '../model/time.ts';
import { boundarySpans } from '../plan/access-phase.ts';
import { effectiveLeaverPolicy } from '../plan/leavers.ts';
import type { PlanningScope, TargetState } from '../store/store.ts';
import type { TargetSpec } from './context.ts';
import { timingOf } from './evaluate-record.ts';

/** Changes whenever the same records could lead to another plan; all records are then evaluated again. */
export function rulesFingerprint({ leavers, joiners, profile }: TargetSpec, mapping: TargetMapping): string {
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
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** Cost follows change, not size: a plan compares all records only when the rules changed, or on demand. */
export function planningScopeOf(
  state: TargetState,
  { spec, isFollowUp, isFull }: { readonly spec: TargetSpec; readonly isFollowUp: boolean; readonly isFull: boolean },
  fingerprint: string,
  now: Instant,
): PlanningScope {
  if (isFollowUp) return { kind: 'followUp' };
  const { deleteAfterDays } = effectiveLeaverPolicy(spec.leavers, spec.profile.protocol.deletion);
  const inactiveBefore = deleteAfterDays === undefined ? undefined : ((now - deleteAfterDays * dayMs) as Instant);
  return isFull || state.mappingFingerprint !== fingerprint
    ? { kind: 'full', inactiveBefore }
    : {
        kind: 'changed',
        after: state.plannedReading,
        inactiveBefore,
        boundaries: boundarySpans(timingOf(spec), state.plannedAt, now),
      };
}

/**
 * The time at which dates are judged. It never goes back, also where the clock does: a user whose access ended would
 * get it again. Later rounds keep the time of round 0, which selected the users whose dates have passed.
 */
export const planningMoment = ({ plannedAt }: TargetState, round: number, now: Instant): Instant =>
  plannedAt !== undefined && (round > 0 || plannedAt > now) ? plannedAt : now;
