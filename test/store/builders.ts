import { remoteId, sourceKey } from '../../src/model/ids.ts';
import type { ResourceType } from '../../src/model/resource-type.ts';
import type { Edit, EditOperation, Member, MembersOperation, Operation } from '../../src/model/operation.ts';
import type { RemoteResource, Outcome, SnapshotChange } from '../../src/model/outcome.ts';
import { managerPath } from '../../src/model/path.ts';
import type { FlatResource } from '../../src/model/resource.ts';
import type { PlanningScope, PlannedOperation, StoredOperation } from '../../src/store/store.ts';

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

export const done: Outcome = { kind: 'done', status: 200 };
export const keep: SnapshotChange = { kind: 'keep' };

export const remember = (id: string, body: FlatResource, active = true): SnapshotChange => ({
  kind: 'remember',
  remoteId: remoteId(id),
  body,
  active,
});
