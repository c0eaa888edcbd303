import { Mutex } from 'async-mutex';
import type { RemoteId } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { MemberRef } from '../encode/references.ts';

/** Group state known from responses in this pass but perhaps not yet committed to the snapshot. */
export interface UncommittedGroupState {
  /** null: the last response had no version, so none is known. */
  version?: string | null;
  /** The group's own attributes, where they were changed. */
  body?: FlatResource;
  readonly added: Map<RemoteId, MemberRef>;
  readonly removed: Set<RemoteId>;
}

/**
 * Serialises requests to one group where each builds on the previous one: PUT of the whole group, and versions
 * (If-Match).
 */
export interface GroupLock {
  runExclusive<T>(group: RemoteId, task: (uncommitted: UncommittedGroupState) => Promise<T>): Promise<T>;
}

/** Creates a keyed mutex: one lock and one uncommitted state per group. */
export function createGroupLock(): GroupLock {
  const groups = new Map<RemoteId, { readonly mutex: Mutex; readonly state: UncommittedGroupState }>();
  return {
    runExclusive(id, task) {
      const group = groups.get(id) ?? { mutex: new Mutex(), state: { added: new Map(), removed: new Set() } };
      groups.set(id, group);
      return group.mutex.runExclusive(() => task(group.state));
    },
  };
}

/** Records members that a response showed to be added or removed. */
export function recordMembers(
  uncommitted: UncommittedGroupState,
  added: readonly MemberRef[],
  removed: readonly MemberRef[],
): void {
  for (const { id } of removed) {
    uncommitted.removed.add(id);
    uncommitted.added.delete(id);
  }
  for (const memberRef of added) {
    uncommitted.added.set(memberRef.id, memberRef);
    uncommitted.removed.delete(memberRef.id);
  }
}

/** The members of the snapshot, updated with the changes of this pass. */
export function applyUncommitted(
  knownMembers: readonly MemberRef[],
  { added, removed }: UncommittedGroupState,
): readonly MemberRef[] {
  return [...knownMembers.filter(({ id }) => !added.has(id)), ...added.values()].filter(({ id }) => !removed.has(id));
}
