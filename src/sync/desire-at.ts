import type { HeldValues } from '../desired/desire.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant } from '../model/ids.ts';
import type { SourceRecord } from '../model/record.ts';
import type { DesiredState } from '../model/resource.ts';
import { accessPhase, type AccessTiming } from '../plan/access-phase.ts';

/** The desired state of a record at one moment: by its dates, then by the rules of the target. */
export function desireAt(
  record: SourceRecord,
  mapping: Pick<TargetMapping, 'desire'>,
  timing: AccessTiming,
  now: Instant,
  held?: HeldValues,
): DesiredState {
  const phase = record.resourceType === 'Group' ? 'active' : accessPhase(record, timing, now);
  if (phase === 'ended' || phase === 'notYet') return { kind: 'absent', reason: phase };
  const desired = mapping.desire(record, held);
  if (phase !== 'waiting' || desired.kind !== 'present') return desired;
  return { kind: 'present', body: { ...desired.body, active: false }, isWaiting: true };
}
