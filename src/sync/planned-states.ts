import type { TargetMapping } from '../desired/target-mapping.ts';
import type { Instant, SourceKey } from '../model/ids.ts';
import type { Edit, ResourceOperation } from '../model/operation.ts';
import { resourceTypes, uniqueNameAttribute, type ResourceType } from '../model/resource-type.ts';
import { displayName } from '../plan/diff.ts';
import type { PlannedPresence } from '../plan/membership-diff.ts';
import type { RecordRef, PlanningTarget } from '../store/store.ts';
import {
  evaluate,
  withAssigned,
  type EvaluatedCandidate,
  type Evaluation,
  type EvaluationOptions,
} from './evaluate-record.ts';
import { createKeyIndex } from './compact/key-index.ts';
import type { FrozenUsers } from './suspensions/frozen-users.ts';
import { addGroupsFor, withGroupsOfRecords } from './user-groups/add-groups.ts';

/** The part of an evaluation that other records need: their manager or group is this record. */
export interface PlannedState {
  readonly presence: PlannedPresence;
  readonly isKnown: boolean;
  /** `recreate`: the create of an account that is missing at the target. */
  readonly action: ResourceOperation['action'] | 'recreate' | undefined;
  /** The plan renames the account, so its current name becomes free. */
  readonly releasesName: boolean;
  /** The displayName of a group; its key if no name is known. Empty for a user. */
  readonly name: string;
  /** The user is frozen: what the presence would be otherwise. Undefined: not frozen. */
  readonly presenceWithoutFreeze?: PlannedPresence;
}

/** Groups come one after the other, each with its memberships. When the cache is full, it is emptied. */
const maxCachedGroups = 50_000;

/**
 * The planned state of any record, candidate or not.
 *
 * @param subjects the only records that are planned; undefined: all
 * @param frozen undefined: no user is frozen
 */
export function createPlannedStates(
  store: PlanningTarget,
  mapping: TargetMapping,
  diffOptions: EvaluationOptions,
  now: Instant,
  subjects?: readonly RecordRef[],
  frozen?: Pick<FrozenUsers, 'holdsBack'>,
) {
  const addGroups = addGroupsFor(mapping, () => store.userGroups.openLookup());
  const groups = new Map<SourceKey, PlannedState>();
  const users = createUserStates();
  const states = { User: users, Group: groups } as const;
  const postponed = new Set<string>();
  const exceptions = { User: new Set<SourceKey>(), Group: new Set<SourceKey>() };
  const keep = (resourceType: ResourceType, key: SourceKey, state: PlannedState): void => {
    states[resourceType].set(key, state);
    if (!state.isKnown || (state.presence === 'present' && state.action !== 'delete'))
      exceptions[resourceType].delete(key);
    else exceptions[resourceType].add(key);
  };
  const remember = (resourceType: ResourceType, key: SourceKey, evaluation: Evaluation): PlannedState => {
    if (groups.size >= maxCachedGroups) groups.clear();
    const { presence, isKnown, operation } = evaluation;
    const state: PlannedState = {
      presence,
      isKnown,
      action: presence === 'protected' ? undefined : actionOf(operation),
      releasesName: releasesOwnName(evaluation),
      name: resourceType === 'Group' ? evaluatedName(evaluation) : '',
    };
    const id = `${resourceType}:${key}`;
    // Others get no operation in a pass for one record.
    const isPlanned = subjects?.some((one) => one.resourceType === resourceType && one.key === key) !== false;
    const planned = !isPlanned || postponed.has(id) ? postponedState(state) : state;
    const held =
      frozen?.holdsBack(resourceType, key, planned.action) === true ? frozenState(resourceType, planned) : planned;
    const shared = resourceType === 'Group' ? held : users.share(held);
    keep(resourceType, key, shared);
    return shared;
  };
  const load = async (resourceType: ResourceType, key: SourceKey): Promise<EvaluatedCandidate> => {
    const candidate = await store.candidate(resourceType, key);
    return withAssigned((await withGroupsOfRecords([candidate], addGroups))[0] ?? candidate, store, mapping);
  };
  return {
    remember,
    /** The planned operation waits for a later pass. An account that does not exist yet gets no memberships. */
    postpone(resourceType: ResourceType, key: SourceKey): void {
      const id = `${resourceType}:${key}`;
      postponed.add(id);
      const state = states[resourceType].get(key);
      if (state !== undefined) keep(resourceType, key, postponedState(state));
    },
    /** Accounts that the plan removes or leaves without access, as far as their states were asked for. */
    *exceptions(): Generator<RecordRef, void, undefined> {
      for (const resourceType of resourceTypes) for (const key of exceptions[resourceType]) yield { resourceType, key };
    },
    /** The state if it is in memory: a planning asks for two states of each membership. */
    cached: (resourceType: ResourceType, key: SourceKey): PlannedState | undefined => states[resourceType].get(key),
    async of(resourceType: ResourceType, key: SourceKey): Promise<PlannedState> {
      return (
        states[resourceType].get(key) ??
        remember(resourceType, key, evaluate(await load(resourceType, key), mapping, diffOptions, now))
      );
    },
  };
}

/**
 * The states of users. Memberships name users in no order, so that a cache for fewer users than the target has would
 * evaluate most of them once for each membership. Users share few states, so each of them costs a place in an index.
 */
function createUserStates() {
  const index = createKeyIndex();
  const states: PlannedState[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (state: PlannedState): number => {
    const { presence, isKnown, action, releasesName, presenceWithoutFreeze } = state;
    const id = [presence, isKnown, action, releasesName, presenceWithoutFreeze].join();
    const known = numbers.get(id);
    if (known !== undefined) return known;
    numbers.set(id, states.length);
    return states.push(state) - 1;
  };
  return {
    get(key: SourceKey): PlannedState | undefined {
      const number = index.get(key);
      return number === undefined ? undefined : states[number];
    },
    set(key: SourceKey, state: PlannedState): void {
      index.set(key, numberOf(state));
    },
    /** One object for equal states. */
    share: (state: PlannedState): PlannedState => states[numberOf(state)] ?? state,
  };
}

const postponedState = (state: PlannedState): PlannedState => ({
  ...state,
  presence: state.isKnown ? state.presence : 'kept',
  action: undefined,
  releasesName: false,
});

/** A frozen user stays unchanged. A group is not deleted while it contains one: it stays without its other members. */
const frozenState = (resourceType: ResourceType, state: PlannedState): PlannedState =>
  resourceType === 'Group'
    ? { ...state, presence: 'emptied', action: undefined }
    : { ...postponedState(state), presence: 'kept', presenceWithoutFreeze: postponedState(state).presence };

function actionOf(operation: ResourceOperation | undefined): PlannedState['action'] {
  return operation?.action === 'create' && operation.isRecreation === true ? 'recreate' : operation?.action;
}

/** The cache that `createPlannedStates` returns. */
export type PlannedStates = ReturnType<typeof createPlannedStates>;

function releasesOwnName({ candidate, operation }: Evaluation): boolean {
  return (
    operation !== undefined &&
    'edits' in operation &&
    operation.edits.some((edit) => edit.path === uniqueNameAttribute(candidate.resourceType) && changesName(edit))
  );
}

/** Names are unique without letter case, so an edit of the case alone releases nothing. */
const changesName = ({ from, to }: Edit): boolean =>
  (typeof from === 'string' ? from.toLowerCase() : from) !== (typeof to === 'string' ? to.toLowerCase() : to);

function evaluatedName({ candidate: { resourceType, key, known }, desired }: Evaluation): string {
  if (desired.kind === 'present') return displayName(resourceType, desired.body);
  return known === undefined ? key : displayName(resourceType, known.body);
}
