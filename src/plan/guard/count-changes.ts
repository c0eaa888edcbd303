import { isRemoval } from '../../model/operation.ts';
import type { ChangeCount, ChangeKind } from '../../model/plan.ts';
import { isRename } from '../attribute-diff.ts';
import type { HoldInput } from './hold.ts';

/** A planned operation, as far as the guard counts it. */
export interface CountedOperation extends HoldInput {
  /** A deletion that the target refused before: the first try counted. */
  readonly isRepeatedDeletion?: true;
}

/** Adds up what the operations of one round change. */
export interface ChangeCounter {
  /** Counts a planned operation. */
  add(operation: CountedOperation): void;
  /** Takes back an operation that was counted. */
  remove(operation: CountedOperation): void;
  /** Counts changes that no operation on users or groups shows. */
  addCount(kind: ChangeKind, count: number): void;
  /** The counts, without kinds that do not occur. */
  counts(): readonly ChangeCount[];
}

/**
 * Creates a counter.
 *
 * Memberships that change together with a user or a group are counted with that change: those of leavers, joiners and
 * returning users are not counted again. Those of emptied and deleted groups are: deleting a group of 36 ends 36
 * memberships, whose people stay.
 */
export function createChangeCounter(): ChangeCounter {
  const kinds = new Map<ChangeKind, number>();
  const attributes = new Map<string, number>();
  const addCount = (kind: ChangeKind, count: number): void => {
    if (count !== 0) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
  };
  const count = (planned: CountedOperation, sign: 1 | -1): void => {
    const { operation } = planned;
    if (operation.action === 'members') {
      addCount('membershipsAdded', sign * operation.add.filter(({ cause }) => cause === undefined).length);
      addCount('newGroupMemberships', sign * operation.add.filter(({ cause }) => cause === 'newGroup').length);
      addCount(
        'membershipsRemoved',
        sign * operation.remove.filter(({ cause }) => cause === undefined || cause === 'emptied').length,
      );
      return;
    }
    for (const kind of kindsOf(planned)) addCount(kind, sign);
    for (const path of attributesOf(planned)) attributes.set(path, (attributes.get(path) ?? 0) + sign);
  };
  return {
    add(planned) {
      count(planned, 1);
    },
    remove(planned) {
      count(planned, -1);
    },
    addCount,
    counts: () =>
      [
        ...[...kinds].map(([kind, number]) => ({ kind, count: number })),
        ...[...attributes].map(([subject, number]) => ({ kind: 'attributeChanged' as const, subject, count: number })),
      ].filter((one) => one.count > 0),
  };
}

/** The kinds that an operation counts as: a reactivation may also be a rename. A start of access is no reactivation. */
function kindsOf({ operation, isRenaming, isRepeatedDeletion }: CountedOperation): readonly ChangeKind[] {
  const isUser = operation.resourceType === 'User';
  if (isRemoval(operation)) {
    if (isRepeatedDeletion === true) return [];
    return [isUser ? 'usersRemoved' : 'groupsRemoved'];
  }
  if (operation.action === 'create') {
    if (operation.isRecreation === true) return [isUser ? 'usersMissing' : 'groupsMissing'];
    return isUser ? ['usersCreated'] : [];
  }
  const renames: readonly ChangeKind[] = isRenaming ? [isUser ? 'usersRenamed' : 'groupsRenamed'] : [];
  return operation.action === 'reactivate' && operation.isStart !== true ? ['usersReactivated', ...renames] : renames;
}

/** The attributes of a user that an update changes, without those that count as a rename. */
function attributesOf({ operation }: CountedOperation): readonly string[] {
  if (operation.resourceType !== 'User' || operation.action !== 'update') return [];
  // An attribute in doubt is sent again without a difference. The externalId follows the key, which only an operator
  // changes (`relink`).
  return operation.edits
    .filter((edit) => edit.from !== edit.to && !isRename('User', edit))
    .filter(({ path, to }) => path !== 'externalId' || to !== operation.key)
    .map(({ path }) => path);
}
