import { sourceKey, type RemoteId, type SourceKey } from '../../model/ids.ts';
import type { Member, Operation } from '../../model/operation.ts';
import { managerPath } from '../../model/path.ts';
import type { Profile } from '../../model/profile.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';
import { displayName } from '../../plan/diff.ts';
import type { RemoteIds, DisplayNames } from '../../scim/encode/references.ts';
import type { PreparedOperation } from '../../scim/operation-context.ts';
import type { BatchLookups, StoredOperation } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import { applyEdits } from '../settle.ts';

/** What a slice of operations needs from the store, read by one statement for each kind of question. */
export interface Lookups {
  readonly known: ReadonlyMap<RecordKey, KnownState>;
  /** Of managers and members. */
  readonly ids: RemoteIds;
  readonly names: DisplayNames;
  /** Records whose create was sent in an earlier pass and got no response. */
  readonly createsInDoubt: ReadonlySet<RecordKey>;
  /** Of the memberships that the operations change. */
  readonly membershipsInDoubt: ReadonlyMap<Operation, ReadonlySet<RecordKey>>;
  /** Some members of each group that an operation of the slice adds members to; empty without a sample of writes. */
  readonly witnesses: ReadonlyMap<SourceKey, readonly RemoteId[]>;
  /** By operation id. */
  readonly failedBefore: ReadonlySet<number>;
}

/**
 * Reads what operations of one wave need. They are sent concurrently, and no operation changes what another one needs.
 */
export function lookUp(
  slice: readonly StoredOperation[],
  store: BatchLookups,
  failedBefore: ReadonlySet<number>,
  { profile, verification }: Pick<TargetSpec, 'profile' | 'verification'>,
): Lookups {
  const { memberSubAttributes } = profile.protocol;
  const isSampled = verification.firstWrites > 0 || verification.writesShare > 0;
  const operations = slice.map(({ operation }) => operation);
  const known = store.knownStates(operations);
  const references = operations.flatMap((operation) => referencesOf(operation, known.get(recordKey(operation))?.body));
  const members = memberSubAttributes.includes('display') ? operations.flatMap(membersOf) : [];
  return {
    known,
    ids: references.length === 0 ? new Map() : store.remoteIds(references),
    names: namesOf(members, store),
    createsInDoubt: store.createsInDoubt(operations),
    failedBefore,
    membershipsInDoubt: new Map(operations.flatMap((operation) => membershipsInDoubtOf(operation, store))),
    witnesses: new Map(isSampled ? operations.flatMap((operation) => witnessesOf(operation, store)) : []),
  };
}

function membershipsInDoubtOf(
  operation: Operation,
  store: BatchLookups,
): readonly [Operation, ReadonlySet<RecordKey>][] {
  if (operation.action !== 'members') return [];
  const { key, add, remove } = operation;
  const inDoubt = [
    ...(add.length === 0 ? [] : store.membershipsInDoubt(key, add, false)),
    ...(remove.length === 0 ? [] : store.membershipsInDoubt(key, remove, true)),
  ];
  return inDoubt.length === 0 ? [] : [[operation, new Set(inDoubt)]];
}

/** Enough that an addition which removes the other members of its group is noticed. */
const maxWitnesses = 3;

function witnessesOf(operation: Operation, store: BatchLookups): readonly [SourceKey, readonly RemoteId[]][] {
  if (operation.action !== 'members' || operation.add.length === 0) return [];
  return [[operation.key, store.someMembers(operation.key, maxWitnesses + operation.remove.length)]];
}

/** Records that a request may name by their ids: members, and managers as planned and as known. */
export function referencesOf(operation: Operation, known: FlatResource | undefined): readonly Member[] {
  const planned = 'body' in operation ? operation.body[managerPath] : undefined;
  const managers = new Set([planned, known?.[managerPath]].filter((key) => typeof key === 'string'));
  return [
    ...membersOf(operation),
    ...[...managers].map((key): Member => ({ resourceType: 'User', key: sourceKey(key) })),
  ];
}

const membersOf = (operation: Operation): readonly Member[] =>
  operation.action === 'members' ? [...operation.remove, ...operation.add] : [];

/**
 * Users who manage each other are created in one wave: an id that was missing when the wave began may be known by now.
 */
export function withNewIds(operation: Operation, lookups: Lookups, store: BatchLookups): Lookups {
  const known = lookups.known.get(recordKey(operation))?.body;
  const missing = referencesOf(operation, known).filter((record) => !lookups.ids.has(recordKey(record)));
  return missing.length === 0 ? lookups : { ...lookups, ids: new Map([...lookups.ids, ...store.remoteIds(missing)]) };
}

/** Bodies are large, so one statement reads those of at most this number of members. */
const namesPerStatement = 500;

/** The names of members in the snapshot; members without an account have no name. */
export function namesOf(members: readonly Member[], store: BatchLookups): DisplayNames {
  const names = new Map<RecordKey, string>();
  for (let from = 0; from < members.length; from += namesPerStatement) {
    const states = store.knownStates(members.slice(from, from + namesPerStatement));
    for (const [key, { resourceType, body }] of states) names.set(key, displayName(resourceType, body));
  }
  return names;
}

/** Completes an operation with what it needs to be sent. */
export function prepare(
  operation: Operation,
  id: number,
  { known, ids, names, createsInDoubt, failedBefore, witnesses, membershipsInDoubt }: Lookups,
  options: Pick<PreparedOperation, 'paths' | 'mayDuplicate'>,
): PreparedOperation {
  const state = known.get(recordKey(operation));
  const inDoubt = membershipsInDoubt.get(operation);
  return {
    operation: rebasedOnKnown(operation, state?.body),
    ...(state === undefined ? {} : { remoteId: state.remoteId, knownResource: state.body }),
    ...(state?.origin === 'adopted' ? { isAdopted: true } : {}),
    ...(state?.version === undefined ? {} : { version: state.version }),
    ...(state?.mayHaveDuplicates === true ? { mayHaveDuplicates: true } : {}),
    ...(state?.unprovenRemovals === undefined ? {} : { unprovenRemovals: state.unprovenRemovals }),
    ids,
    names,
    ...(operation.action === 'members' ? { witnesses: unchangedWitnesses(operation, witnesses, ids) } : {}),
    isInDoubt: operation.action === 'create' && createsInDoubt.has(recordKey(operation)),
    ...(inDoubt === undefined ? {} : { membershipsInDoubt: inDoubt }),
    failedBefore: failedBefore.has(id),
    ...options,
  };
}

/** Members that the operation itself removes are no witnesses. */
function unchangedWitnesses(
  { key, remove }: Extract<Operation, { action: 'members' }>,
  witnesses: Lookups['witnesses'],
  ids: RemoteIds,
): readonly RemoteId[] {
  const removed = new Set(remove.map((member) => ids.get(recordKey(member))));
  return (witnesses.get(key) ?? []).filter((id) => !removed.has(id)).slice(0, maxWitnesses);
}

/** The known members of a group, for a request that writes all of it. */
export function withMembers(
  prepared: PreparedOperation,
  group: SourceKey,
  store: BatchLookups,
  { memberSubAttributes }: Profile['protocol'],
): PreparedOperation {
  const members = store.membersWithIds(group);
  const names = memberSubAttributes.includes('display')
    ? new Map([
        ...namesOf(
          members.map(({ member }) => member),
          store,
        ),
        ...(prepared.names ?? []),
      ])
    : prepared.names;
  return { ...prepared, members, ...(names === undefined ? {} : { names }) };
}

/**
 * PUT sends the body: the edits applied to what is known now, which may differ from what was known when they were
 * planned.
 */
function rebasedOnKnown(operation: Operation, body: FlatResource | undefined): Operation {
  return 'edits' in operation && body !== undefined
    ? { ...operation, body: applyEdits(body, operation.edits) }
    : operation;
}
