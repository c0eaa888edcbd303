import type { RemoteId, SourceKey } from '../../model/ids.ts';
import type { Member, Operation } from '../../model/operation.ts';
import { managerPath } from '../../model/path.ts';
import { recordKey, type RecordKey } from '../../model/record-key.ts';
import { sourceKey } from '../../model/ids.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { FlatResource, KnownState } from '../../model/resource.ts';
import type { Db } from '../database.ts';
import { isSuperseded } from '../journal/news/supersede.ts';
import { openOperations, operationColumns, payloadOf, type OperationRow } from '../journal/operations.ts';
import type { StoredOperation } from '../journal/stored-operation.ts';
import { openCreatesInDoubt } from './creates-in-doubt.ts';
import { openBatchLookups, type BatchLookups } from './batch-lookups.ts';
import type {
  CreateInDoubt,
  GroupMembers,
  KnownMemberships,
  LastCreate,
  PageOptions,
  PagePosition,
  RoundOfPass,
  WorkPage,
} from './serving-interface.ts';

/** Opens the pages of work of one target. */
export function openWorkPages(db: Db, target: number) {
  const operations = openOperations(db);
  const lookups = openBatchLookups(db, target);
  const creates = openCreatesInDoubt(db, target);
  // Two queries: with "(phase, wave, id) > …" SQLite would scan the wave from its beginning for each page.
  const restOfWave = db.prepare(`
    select ${operationColumns}
    from operation
    where pass = :pass
      and target = :target
      and round = :round
      and phase = :phase
      and wave = :wave
      and id > :id
      and state = 'planned'
    order by id
    limit :limit`);
  const selectNextWave = db.prepare(`
    select phase, wave
    from operation
    where pass = :pass
      and target = :target
      and round = :round
      and (phase, wave) > (:phase, :wave)
      and state = 'planned'
    order by phase, wave, id
    limit 1`);
  const selectFailedBefore = db
    .prepare(
      `
      select now.id
      from json_each(?) wanted
      cross join operation now on now.id = wanted.value
      where now.action <> 'members'
        and exists (
          select 1
          from operation old
          where old.target = now.target
            and old.resource_type = now.resource_type
            and old.key = now.key
            and old.pass < now.pass
            and old.action = now.action
            and old.state = 'failed'
            and coalesce(${payloadOf('old', 'edits')}, ${payloadOf('old', 'body')})
              is coalesce(${payloadOf('now', 'edits')}, ${payloadOf('now', 'body')})
        )`,
    )
    .pluck();
  const selectRemainingMemberships = db
    .prepare(
      `
      select 1
      from operation_member m
      join operation o on o.id = m.operation
      where m.key = ?
        and m.resource_type = 'User'
        and m.removed = 1
        and o.pass = ?
        and o.target = ?
        and o.state <> 'done'
        and not ${isSuperseded('o')}
      limit 1`,
    )
    .pluck();

  return {
    nextPage({ pass, round }: RoundOfPass, { after, wave, limit }: PagePosition, options: PageOptions): WorkPage {
      const scope = { pass, target, round };
      const start =
        wave === 'same' && after !== undefined
          ? after
          : (selectNextWave.get({ ...scope, phase: after?.phase ?? -1, wave: after?.wave ?? -1 }) as
              Pick<StoredOperation, 'phase' | 'wave'> | undefined);
      if (start === undefined) return emptyPage;
      const id = start === after ? after.id : 0;
      const rows = restOfWave.all({ ...scope, phase: start.phase, wave: start.wave, id, limit }) as OperationRow[];
      return pageOf(
        pass,
        rows.map((row) => operations.read(row)),
        options,
      );
    },
    pageOf,
    membersOf(group: SourceKey, withNames: boolean): GroupMembers {
      const members = lookups.membersWithIds(group);
      const records = members.map(({ member }) => member);
      return { members, names: withNames ? namesOf(records, lookups) : new Map() };
    },
    controlAccounts: (pass: number, limit: number): readonly KnownState[] => lookups.controlAccounts(pass, limit),
  };

  function pageOf(pass: number, page: readonly StoredOperation[], options: PageOptions): WorkPage {
    if (page.length === 0) return emptyPage;
    const records = page.map(({ operation }) => operation);
    const known = lookups.knownStates([...records, ...page.flatMap(holderOf)]);
    const references = distinct(records.flatMap((one) => referencesOf(one, known.get(recordKey(one))?.body)));
    return {
      operations: page,
      known,
      ids: references.length === 0 ? new Map<RecordKey, RemoteId>() : lookups.remoteIds(references),
      names: options.withNames ? namesOf(records.flatMap(membersOf), lookups) : new Map<RecordKey, string>(),
      unansweredCreates: unansweredCreates(records),
      lastCreates: lastCreates(records),
      failedBefore: new Set(selectFailedBefore.all(JSON.stringify(page.map(({ id }) => id))) as number[]),
      memberships: new Map(page.flatMap((one) => membershipsOf(one, options))),
      remainingMemberships: new Set(records.filter((one) => hasRemainingMemberships(pass, one)).map(recordKey)),
    };
  }

  function unansweredCreates(records: readonly Operation[]): ReadonlyMap<RecordKey, CreateInDoubt> {
    const inDoubt = lookups.createsInDoubt(
      records.filter(({ action }) => action === 'create' || action === 'verifyCreate'),
    );
    const found = inDoubt.size === 0 ? [] : records.filter((one) => inDoubt.has(recordKey(one)));
    return new Map(found.map((one) => [recordKey(one), creates.createInDoubt(one.resourceType, one.key)]));
  }

  function lastCreates(records: readonly Operation[]): ReadonlyMap<RecordKey, LastCreate> {
    const searched = records.filter(({ action }) => action === 'verifyCreate');
    return new Map(
      searched.flatMap((one): readonly [RecordKey, LastCreate][] => {
        const last = creates.lastCreate(one.resourceType, one.key);
        return last === undefined ? [] : [[recordKey(one), last]];
      }),
    );
  }

  function membershipsOf(
    { id, operation }: StoredOperation,
    { witnesses }: PageOptions,
  ): readonly [number, KnownMemberships][] {
    if (operation.action !== 'members') return [];
    const { key, add, remove } = operation;
    const inDoubt = [
      ...(add.length === 0 ? [] : lookups.membershipsInDoubt(key, add, false)),
      ...(remove.length === 0 ? [] : lookups.membershipsInDoubt(key, remove, true)),
    ];
    const isWitnessed = add.length > 0 && witnesses > 0;
    return [
      [
        id,
        {
          existing: add.length === 0 ? new Set() : lookups.existingMembers(key, add),
          inDoubt: new Set(inDoubt),
          // Members that the operation itself removes are no witnesses.
          witnesses: isWitnessed ? lookups.someMembers(key, witnesses + remove.length) : [],
        },
      ],
    ];
  }

  function hasRemainingMemberships(pass: number, { action, resourceType, key }: Operation): boolean {
    return (
      action === 'delete' && resourceType === 'User' && selectRemainingMemberships.get(key, pass, target) !== undefined
    );
  }
}

const emptyPage: WorkPage = {
  operations: [],
  known: new Map(),
  ids: new Map(),
  names: new Map(),
  unansweredCreates: new Map(),
  lastCreates: new Map(),
  failedBefore: new Set(),
  memberships: new Map(),
  remainingMemberships: new Set(),
};

const holderOf = ({ operation: { resourceType }, waitsFor }: StoredOperation): readonly Member[] =>
  waitsFor === undefined ? [] : [{ resourceType, key: waitsFor }];

/** Records that a request may name by their ids: members, and managers as planned and as known. */
function referencesOf(operation: Operation, known: FlatResource | undefined): readonly Member[] {
  const planned = 'body' in operation ? operation.body[managerPath] : undefined;
  const managers = new Set([planned, known?.[managerPath]].filter((key) => typeof key === 'string'));
  return [
    ...membersOf(operation),
    ...[...managers].map((key): Member => ({ resourceType: 'User', key: sourceKey(key) })),
  ];
}

/** The users of a page often have the same managers, and groups the same members. */
const distinct = (records: readonly Member[]): readonly Member[] => [
  ...new Map(records.map((one) => [recordKey(one), one])).values(),
];

const membersOf = (operation: Operation): readonly Member[] =>
  operation.action === 'members' ? [...operation.remove, ...operation.add] : [];

/** Bodies are large, so one statement reads those of at most this number of members. */
const namesPerStatement = 500;

/** The names of members in the snapshot; members without an account have no name. */
function namesOf(members: readonly Member[], lookups: Pick<BatchLookups, 'knownStates'>): Map<RecordKey, string> {
  const names = new Map<RecordKey, string>();
  for (let from = 0; from < members.length; from += namesPerStatement) {
    const states = lookups.knownStates(members.slice(from, from + namesPerStatement));
    for (const [key, { resourceType, body }] of states) names.set(key, displayName(resourceType, body));
  }
  return names;
}

function displayName(resourceType: ResourceType, body: FlatResource): string {
  const name = body[uniqueNameAttribute(resourceType)];
  return typeof name === 'string' ? name : '';
}
