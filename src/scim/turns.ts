import type { RemoteId } from '../model/ids.ts';
import type { Body } from '../model/resource.ts';
import type { Placed } from './addressed.ts';

/** What answers of this pass have said of one group; the snapshot may not have heard of it yet. */
export interface Latest {
  /** null: the last answer gave none, so that no version is known, however many were before. */
  version?: string | null;
  /** The group's own attributes, where they were changed. */
  body?: Body;
  readonly added: Map<RemoteId, Placed>;
  readonly removed: Set<RemoteId>;
}

/** One at a time on one group, where each request builds on the one before: whole groups (PUT), and versions (If-Match). */
export interface Turns {
  take<T>(id: RemoteId, task: (latest: Latest) => Promise<T>): Promise<T>;
}

export function openTurns(): Turns {
  const latest = new Map<RemoteId, Latest>();
  const tails = new Map<RemoteId, Promise<unknown>>();
  return {
    take(id, task) {
      const state = latest.get(id) ?? { added: new Map<RemoteId, Placed>(), removed: new Set<RemoteId>() };
      latest.set(id, state);
      const turn = (tails.get(id) ?? Promise.resolve()).then(() => task(state));
      tails.set(
        id,
        turn.catch(() => undefined),
      );
      return turn;
    },
  };
}

/** An answer that was not kept by the snapshot yet: its version, and whom it brought in and took out. */
export function remember(
  latest: Latest,
  version: string | undefined,
  added: readonly Placed[],
  removed: readonly Placed[],
): void {
  latest.version = version ?? null;
  rememberMembers(latest, added, removed);
}

/** Who turned out to be a member, and who to be none. */
export function rememberMembers(latest: Latest, added: readonly Placed[], removed: readonly Placed[]): void {
  for (const { id } of removed) {
    latest.removed.add(id);
    latest.added.delete(id);
  }
  for (const placed of added) {
    latest.added.set(placed.id, placed);
    latest.removed.delete(placed.id);
  }
}

/** The members that the snapshot knows of, brought up to date. */
export function withLatest(known: readonly Placed[], { added, removed }: Latest): readonly Placed[] {
  return [...known.filter(({ id }) => !added.has(id)), ...added.values()].filter(({ id }) => !removed.has(id));
}
