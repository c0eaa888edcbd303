import { remoteId, sourceKey } from '../../src/model/ids.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import type { Edit, EditOperation, Member, MembersOperation, Operation } from '../../src/model/operation.ts';
import type { RemoteResource, Outcome, SnapshotChange } from '../../src/model/outcome.ts';
import { managerPath } from '../../src/model/path.ts';
import type { FlatResource } from '../../src/model/resource.ts';
import type { PlanningScope, PlannedOperation, StoredOperation } from '../../src/store/store.ts';
import type { FollowUp } from '../../src/model/requeue.ts';
import { recordOutcome, type SettledOutcome } from '../../src/sync/record-outcome.ts';
import { at, type State } from './state.ts';

const named = (resourceType: ResourceType, key: string, name = key) => ({
  resourceType,
  key: sourceKey(key),
  name,
  reason: 'because',
});

export const create = (key: string, more: FlatResource = {}): Operation => ({
  ...named('User', key),
  action: 'create',
  body: { userName: key, ...more },
});
export const createGroup = (key: string): Operation => ({
  ...named('Group', key),
  action: 'create',
  body: { displayName: key },
});
export const under = (manager: string): FlatResource => ({ [managerPath]: manager });
export const remove = (key: string, resourceType: ResourceType = 'User'): Operation => ({
  ...named(resourceType, key),
  action: 'delete',
});
export const verifyCreate = (key: string): Operation => ({
  ...named('User', key),
  action: 'verifyCreate',
  body: { userName: key },
});
export const edit = (path: string, from: string | null, to: string | null): Edit => ({ path, from, to });

export function change(
  key: string,
  edits: readonly Edit[],
  action: EditOperation['action'] = 'update',
  resourceType: ResourceType = 'User',
): Operation {
  return { ...named(resourceType, key), action, edits, body: { userName: key } };
}

export const people = (text: string): Member[] =>
  text
    .split(' ')
    .filter((key) => key !== '')
    .map((key) => ({ resourceType: 'User', key: sourceKey(key) }));

/** `members('eng', 'add ada bob', 'remove cy')` */
export function members(group: string, ...lists: string[]): MembersOperation {
  const list = (word: string): Member[] =>
    lists.filter((one) => one.startsWith(`${word} `)).flatMap((one) => people(one.slice(word.length)));
  return { ...named('Group', group), action: 'members', add: list('add'), remove: list('remove') };
}

export const planned = (operation: Operation, phase = 1, wave = 0, isRenaming = false): PlannedOperation => ({
  operation,
  phase,
  wave,
  isRenaming,
});

export const found = (id: string, body: FlatResource, more: Partial<RemoteResource> = {}): RemoteResource => ({
  remoteId: remoteId(id),
  body,
  active: true,
  ...more,
});

/** `User ada`, `add eng ada`, `-delete …` in short: what an operation is and whom it concerns. */
export const brief = ({ operation, state }: StoredOperation): string =>
  `${operation.action} ${operation.key}${state === 'planned' ? '' : ` ${state}`}`;

export const target = 'app';
export const everything: PlanningScope = { kind: 'full', deletions: undefined };
export const followUps: PlanningScope = { kind: 'followUp', pass: 1 };

/** Opens a pass with these operations in its round 0. */
export async function begin(
  { store: { journal } }: State,
  operations: readonly (Operation | PlannedOperation)[],
  round = 0,
): Promise<number> {
  const { pass } = await journal.begin('sync', at(100));
  await add({ store: { journal } } as State, pass, operations, round);
  return pass;
}

export async function add(
  { store: { journal } }: State,
  pass: number,
  operations: readonly (Operation | PlannedOperation)[],
  round = 0,
): Promise<void> {
  await journal.add(
    pass,
    target,
    round,
    operations.map((one) => ('operation' in one ? one : planned(one))),
  );
}

export async function all({ store: { journal } }: State, pass: number, round = 0): Promise<readonly StoredOperation[]> {
  return journal.operations(pass, target, round, undefined, 1000);
}

export async function stored(one: State, pass: number, text: string, round = 0): Promise<StoredOperation> {
  const operation = (await all(one, pass, round)).find((candidate) => brief(candidate).startsWith(text));
  if (operation === undefined) throw new Error(`there is no operation "${text}"`);
  return operation;
}

export const done: Outcome = { kind: 'done', status: 200 };
const keep: SnapshotChange = { kind: 'keep' };

/** Records an answer to one operation, as carrying out does. */
export async function answer(
  one: State,
  pass: number,
  text: string,
  given: Partial<SettledOutcome> & { readonly followUp: FollowUp },
  round = 0,
): Promise<void> {
  const operation = await stored(one, pass, text, round);
  const store = await one.store.target(target);
  await recordOutcome(one.store.journal, pass, store, operation, {
    known: store.known(operation.operation.resourceType, operation.operation.key),
    outcome: done,
    change: keep,
    requests: 1,
    retries: 0,
    at: at(200),
    ...given,
  });
}

export const remember = (id: string, body: FlatResource, active = true): SnapshotChange => ({
  kind: 'remember',
  remoteId: remoteId(id),
  body,
  active,
});

/** Accounts that the target acknowledged, each with its key as its name and `r-KEY` as its id. */
export async function acknowledged(
  one: State,
  keys: readonly string[],
  bodyOf: (key: string) => FlatResource = () => ({}),
): Promise<void> {
  const pass = await begin(
    one,
    keys.map((key) => create(key)),
  );
  for (const key of keys)
    await answer(one, pass, `create ${key}`, {
      change: remember(`r-${key}`, { userName: key, ...bodyOf(key) }),
      followUp: 'none',
    });
  await one.store.journal.end(pass, at(150), 'done', undefined);
}

/** What must be looked at again: `User ada`, `User ada thisPass`, `User ada verifyFirst`, `eng>ada`. */
export function requeued({ ask }: State): unknown[] {
  return [
    ...ask(`
      select resource_type || ' ' || key || iif(this_pass = 1, ' thisPass', '') || iif(verify_first = 1,
        ' verifyFirst', '')
      from requeue
      order by resource_type desc, key`),
    ...ask(`
      select group_key || '>' || member_key || iif(this_pass = 1, ' thisPass', '') || iif(in_doubt = 1, ' inDoubt',
        '')
      from requeue_membership
      order by group_key, member_key`),
  ];
}
