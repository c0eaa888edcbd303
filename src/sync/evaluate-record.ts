import type { SourceKey } from '../model/ids.ts';
import type { Instant } from '../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import type { ResourceOperation } from '../model/operation.ts';
import type { DesiredState } from '../model/resource.ts';
import type { TargetMapping } from '../desired/target-mapping.ts';
import { leaverAction, effectiveLeaverPolicy } from '../plan/leavers.ts';
import { diff, displayName, type DiffOptions } from '../plan/diff.ts';
import type { PlannedPresence } from '../plan/membership-diff.ts';
import type { Candidate, TargetStore } from '../store/store.ts';
import type { TargetSpec } from './context.ts';

/** One record at one target: what is wished, what is known, and where it will be once the plan is carried out. */
export interface Evaluation {
  readonly candidate: Candidate;
  readonly desired: DesiredState;
  readonly operation: ResourceOperation | undefined;
  readonly presence: PlannedPresence;
  /** It has an account when the plan begins. */
  readonly isKnown: boolean;
}

/** What others need to know of a record that they point to. */
export interface PlannedState {
  readonly presence: PlannedPresence;
  readonly isKnown: boolean;
  readonly action: ResourceOperation['action'] | undefined;
  /** Its own name becomes free. */
  readonly releasesName: boolean;
  /** What a person calls it. */
  readonly name: string;
}

/** By what records are compared at a target: the operator's rules, as far as the application can follow them. */
export function diffOptionsOf({ leavers, profile }: TargetSpec, mapping: TargetMapping): DiffOptions {
  const { deletion, deletionIsFinal } = profile.protocol;
  return {
    leaverPolicy: effectiveLeaverPolicy(leavers, deletion),
    configuredLeaverPolicy: leavers,
    deletionIsFinal,
    paths: mapping.paths,
    supports: profile.supports,
  };
}

/** Enough for the managers and groups that a page of records points to; the rest is asked again. */
const maxCachedStates = 50_000;

/**
 * Decides one record, without its references: they depend on other records, and those on this one.
 */
export function evaluate(
  candidate: Candidate,
  mapping: TargetMapping,
  diffOptions: DiffOptions,
  now: Instant,
): Evaluation {
  const { resourceType, key, record, known } = candidate;
  const desired: DesiredState = record === undefined ? { kind: 'absent', reason: 'left' } : mapping.desire(record);
  const operation = diff({ resourceType, key, desired, known }, diffOptions, now);
  // An expression that fails protects: what cannot be judged is not touched.
  const isProtected =
    known !== undefined &&
    (mapping.isProtected(known.body) !== false ||
      (desired.kind === 'present' && mapping.isProtected(desired.body) !== false));
  return {
    candidate,
    desired,
    operation,
    isKnown: known !== undefined,
    presence: isProtected ? 'protected' : presenceOf(resourceType, desired, diffOptions),
  };
}

function presenceOf(
  resourceType: ResourceType,
  wish: DesiredState,
  { leaverPolicy, supports }: DiffOptions,
): PlannedPresence {
  switch (wish.kind) {
    case 'present':
      return 'present';
    case 'rejected':
      return 'kept';
    case 'absent': {
      if (resourceType === 'Group' && supports.groupsReadOnly) return 'emptied';
      const action = resourceType === 'Group' ? leaverPolicy.groups : leaverAction(wish.reason, leaverPolicy);
      return action === 'keep' ? 'kept' : 'absent';
    }
  }
}

/** Answers for any record, candidate or not, where it will be; remembers the answers of a page or so. */
export function createPlannedStates(
  store: TargetStore,
  mapping: TargetMapping,
  diffOptions: DiffOptions,
  now: Instant,
) {
  let states = new Map<string, PlannedState>();
  const remember = (resourceType: ResourceType, key: SourceKey, evaluation: Evaluation): PlannedState => {
    if (states.size >= maxCachedStates) states = new Map();
    const { presence, isKnown, operation } = evaluation;
    const state: PlannedState = {
      presence,
      isKnown,
      action: presence === 'protected' ? undefined : operation?.action,
      releasesName: releasesOwnName(evaluation),
      name: evaluatedName(evaluation),
    };
    states.set(`${resourceType}:${key}`, state);
    return state;
  };
  return {
    remember,
    async of(resourceType: ResourceType, key: SourceKey): Promise<PlannedState> {
      return (
        states.get(`${resourceType}:${key}`) ??
        remember(resourceType, key, evaluate(await store.candidate(resourceType, key), mapping, diffOptions, now))
      );
    },
  };
}

export type PlannedStates = ReturnType<typeof createPlannedStates>;

function releasesOwnName({ candidate, operation }: Evaluation): boolean {
  return (
    operation !== undefined &&
    'edits' in operation &&
    operation.edits.some(({ path }) => path === uniqueNameAttribute(candidate.resourceType))
  );
}

function evaluatedName({ candidate: { resourceType, key, known }, desired }: Evaluation): string {
  if (desired.kind === 'present') return displayName(resourceType, desired.body);
  return known === undefined ? key : displayName(resourceType, known.body);
}
