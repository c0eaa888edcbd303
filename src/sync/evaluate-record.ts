import { isDeepStrictEqual } from 'node:util';
import type { Instant } from '../model/ids.ts';
import type { ResourceType } from '../model/resource-type.ts';
import type { ResourceOperation } from '../model/operation.ts';
import type { SourceRecord } from '../model/record.ts';
import type { DesiredState, FlatResource, KnownState } from '../model/resource.ts';
import type { HeldValues } from '../desired/desire.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import { withKnownSpelling } from '../desired/key-form-mapping.ts';
import { leaverAction, effectiveLeaverPolicy } from '../plan/leavers.ts';
import { accessTiming, type AccessTiming } from '../plan/access-phase.ts';
import { describeDoubt } from '../plan/describe-doubt.ts';
import { diff, type DiffOptions } from '../plan/diff.ts';
import type { PlannedPresence } from '../plan/membership-diff.ts';
import type { Candidate, UniqueValues } from '../store/store.ts';
import type { TargetSpec } from './context.ts';
import { desireAt } from './desire-at.ts';

/** A candidate with the unique values that are assigned to it. */
export interface EvaluatedCandidate extends Candidate {
  /** Undefined: the mapping has no unique values. */
  readonly assigned?: FlatResource | undefined;
}

/** Adds the unique values that are assigned to a candidate. */
export const withAssigned = (
  candidate: Candidate,
  { uniqueValues }: { readonly uniqueValues: Pick<UniqueValues, 'of'> },
  { uniquePaths }: Pick<TargetMapping, 'uniquePaths'>,
): EvaluatedCandidate =>
  uniquePaths(candidate.resourceType).length === 0 ? candidate : { ...candidate, assigned: uniqueValues.of(candidate) };

/** Desired state and snapshot of one record at one target, compared. */
export interface Evaluation {
  readonly candidate: EvaluatedCandidate;
  readonly desired: DesiredState;
  readonly operation: ResourceOperation | undefined;
  readonly presence: PlannedPresence;
  /** The record has an account when the plan begins. */
  readonly isKnown: boolean;
}

/** The settings by which records are compared at a target, restricted to what the application supports. */
export function diffOptionsOf(spec: TargetSpec, mapping: TargetMapping): EvaluationOptions {
  const { leavers, profile } = spec;
  const { deletion, deletionIsFinal, inactiveUsersWritable } = profile.protocol;
  return {
    timing: timingOf(spec),
    writesInactiveUsers: inactiveUsersWritable,
    leaverPolicy: effectiveLeaverPolicy(leavers, deletion),
    configuredLeaverPolicy: leavers,
    deletionIsFinal,
    paths: comparedPaths(mapping),
    supports: profile.supports,
  };
}

/** The managed paths without those that only a create sets: a target may change these as it likes. */
function comparedPaths(mapping: TargetMapping): DiffOptions['paths'] {
  const pathsOf = (resourceType: ResourceType): readonly string[] => {
    const createOnly = mapping.createOnlyPaths(resourceType);
    const paths = mapping.paths(resourceType);
    return createOnly.length === 0 ? paths : paths.filter((path) => !createOnly.includes(path));
  };
  const compared = { User: pathsOf('User'), Group: pathsOf('Group') };
  return (resourceType) => compared[resourceType];
}

/** How one target compares records, and when dates give and end access there. */
export interface EvaluationOptions extends DiffOptions {
  readonly timing: AccessTiming;
}

/** When dates give and end access at a target. An application that hides inactive accounts gets no waiting ones. */
export const timingOf = ({
  joiners,
  leavers,
  profile,
  zone,
}: Pick<TargetSpec, 'joiners' | 'leavers' | 'profile' | 'zone'>): AccessTiming =>
  accessTiming(joiners, leavers, { canWait: profile.protocol.inactiveUsers === 'readable', zone });

/** Evaluates one record without its references: those depend on other records, which may reference this one. */
export function evaluate(
  candidate: EvaluatedCandidate,
  mapping: TargetMapping,
  diffOptions: EvaluationOptions,
  now: Instant,
): Evaluation {
  const { resourceType, key, known } = candidate;
  const zone = candidate.record?.zone ?? diffOptions.timing.zone;
  const stated = desiredState(candidate, mapping, diffOptions.timing, now);
  const spelled = withKnownSpelling(stated, key, known?.body, mapping);
  const desired = withKnownKey(spelled, candidate, mapping);
  const operation = diff({ resourceType, key, desired, known, zone }, diffOptions, now);
  // If the expression fails, the account is protected: without a verdict it must not change.
  const isProtected =
    known !== undefined &&
    (mapping.isProtected(known.body) !== false ||
      (desired.kind === 'present' && mapping.isProtected(desired.body) !== false));
  return {
    candidate,
    desired,
    operation,
    isKnown: isAtTarget(known),
    presence: isProtected ? 'protected' : presenceOf(candidate, desired, diffOptions),
  };
}

/**
 * A user or group whose row was rejected keeps the access that it has. It gets no access, because it may have left: no
 * account is created or reactivated before the row is corrected. The same applies to a user who is in scope only by
 * memberships that a rejected row may have ended.
 */
function desiredState(
  { record, known, assigned }: EvaluatedCandidate,
  mapping: TargetMapping,
  timing: AccessTiming,
  now: Instant,
): DesiredState {
  if (record === undefined) return { kind: 'absent', reason: 'left' };
  const held = heldValues(known, assigned);
  const desired = desireAt(record, mapping, timing, now, held);
  const hasAccess = isAtTarget(known) && known.active;
  const newKey = mapping.pendingKey?.(record.resourceType, record.key);
  const source = mapping.unknownSource(record);
  if (desired.kind === 'rejected' && newKey !== undefined && source !== undefined)
    return { kind: 'rejected', reason: pendingJoinReason(record.key, newKey, source), isDecisionPending: true };
  if (desired.kind !== 'present' || hasAccess) return desired;
  if (newKey !== undefined)
    return { kind: 'rejected', reason: pendingKeyReason(record.key, newKey), isDecisionPending: true };
  if (record.doubt !== undefined) return { kind: 'rejected', reason: describeDoubt(record.doubt) };
  if (source !== undefined) return { kind: 'rejected', reason: notCompared(source) };
  return dependsOnDoubt(record, mapping, held) ? { kind: 'rejected', reason: groupsInDoubt } : desired;
}

const notCompared = (source: string): string =>
  `was not compared with the source ${source} yet, because no reading of it was accepted since. ` +
  'No access is given until one is';

const pendingKeyReason = (from: string, to: string): string =>
  `${seemingKeyChange(from, to)}. No access is given until you decide: scimsync relink`;

/** Why a record of a joined source that decides something does not count: it belongs to the one key or the other. */
const pendingJoinReason = (from: string, to: string, source: string): string =>
  `${seemingKeyChange(from, to)}, so the record in the source ${source} is in doubt. ` +
  'The account stays as it is until you decide: scimsync relink';

const seemingKeyChange = (from: string, to: string): string =>
  from === to
    ? `the key ${from} seems to name another person now`
    : `seems to have the key ${to} now instead of ${from}`;

/**
 * The desired state with what the target holds in each attribute that the key decides, while a change of the key waits
 * for an operator: the old key is not sent, and the new one is not accepted yet.
 */
function withKnownKey(desired: DesiredState, { record, known }: Candidate, mapping: TargetMapping): DesiredState {
  if (desired.kind !== 'present' || record === undefined || known === undefined) return desired;
  const newKey = mapping.pendingKey?.(record.resourceType, record.key);
  if (newKey === undefined) return desired;
  const byKey = [record, { ...record, key: newKey }].map((one) => mapping.desire(one));
  const [before, after] = byKey.map((state) => (state.kind === 'present' ? state.body : {}));
  const ofKey = mapping.paths(record.resourceType).filter((path) => !isDeepStrictEqual(before?.[path], after?.[path]));
  const body = Object.fromEntries(Object.entries(desired.body).filter(([path]) => !ofKey.includes(path)));
  const kept = ofKey.flatMap((path) => (known.body[path] === undefined ? [] : [[path, known.body[path]] as const]));
  return { ...desired, body: { ...body, ...Object.fromEntries(kept) } };
}

/** Whether the user is in scope only because of memberships that a rejected row may have ended. */
function dependsOnDoubt(record: SourceRecord, mapping: TargetMapping, held: HeldValues): boolean {
  const { groups } = record;
  if (mapping.groupRules === undefined || groups?.some(({ isInDoubt }) => isInDoubt) !== true) return false;
  return mapping.desire({ ...record, groups: groups.filter(({ isInDoubt }) => !isInDoubt) }, held).kind !== 'present';
}

/** What the target holds for a record, for the entries of the mapping that have a policy. */
export const heldValues = (known: KnownState | undefined, assigned: FlatResource | undefined): HeldValues => ({
  account: isAtTarget(known) ? known.body : undefined,
  assigned,
});

const groupsInDoubt =
  'is in scope only by a membership that the source may have ended: a row of the memberships or groups was rejected. ' +
  'No access is given until that row is corrected';

/** Whether the target has an account of the record, as far as is known. */
export const isAtTarget = (known: KnownState | undefined): known is KnownState =>
  known !== undefined && known.missingSince === undefined;

function presenceOf(
  { resourceType, known }: Pick<Candidate, 'resourceType' | 'known'>,
  desired: DesiredState,
  { leaverPolicy, supports }: DiffOptions,
): PlannedPresence {
  switch (desired.kind) {
    case 'present':
      return 'present';
    case 'rejected':
      // A group without a valid name stays as it is, but a person who left it must lose the membership.
      return resourceType === 'Group' && known !== undefined ? 'present' : 'kept';
    case 'absent': {
      if (resourceType === 'Group' && supports.groupsReadOnly) return 'emptied';
      const action = resourceType === 'Group' ? leaverPolicy.groups : leaverAction(desired.reason, leaverPolicy);
      if (action === 'empty' && isAtTarget(known)) return 'emptied';
      return action === 'keep' ? 'kept' : 'absent';
    }
  }
}
