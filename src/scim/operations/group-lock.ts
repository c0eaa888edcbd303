import type { RemoteId } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { MemberRef } from '../operation-context.ts';

/** What answers of this pass have said of one group; the snapshot may not have heard of it yet. */
export interface UncommittedGroupState {
  /** null: the last answer gave none, so that no version is known, however many were before. */
  version?: string | null;
  /** The group's own attributes, where they were changed. */
  body?: FlatResource;
  readonly added: Map<RemoteId, MemberRef>;
  readonly removed: Set<RemoteId>;
}

/** One at a time on one group, where each request builds on the one before: whole groups (PUT), and versions (If-Match). */
export interface KeyedMutex {
  runExclusive<T>(id: RemoteId, task: (uncommitted: UncommittedGroupState) => Promise<T>): Promise<T>;
}

export function createGroupLock(): KeyedMutex {
  const states = new Map<RemoteId, UncommittedGroupState>();
  const tails = new Map<RemoteId, Promise<unknown>>();
  return {
    runExclusive(id, task) {
      const state = states.get(id) ?? { added: new Map<RemoteId, MemberRef>(), removed: new Set<RemoteId>() };
      states.set(id, state);
      const run = (tails.get(id) ?? Promise.resolve()).then(() => task(state));
      tails.set(
        id,
        run.catch(() => undefined),
      );
      return run;
    },
  };
}

/** An answer that was not kept by the snapshot yet: its version, and whom it brought in and took out. */
export function recordUncommitted(
  uncommitted: UncommittedGroupState,
  version: string | undefined,
  added: readonly MemberRef[],
  removed: readonly MemberRef[],
): void {
  uncommitted.version = version ?? null;
  recordUncommittedMembers(uncommitted, added, removed);
}

/** Who turned out to be a member, and who to be none. */
export function recordUncommittedMembers(
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

/** The members that the snapshot knows of, brought up to date. */
export function applyUncommitted(
  knownMembers: readonly MemberRef[],
  { added, removed }: UncommittedGroupState,
): readonly MemberRef[] {
  return [...knownMembers.filter(({ id }) => !added.has(id)), ...added.values()].filter(({ id }) => !removed.has(id));
}
