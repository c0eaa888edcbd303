import type { MembershipChange } from '../encode/member-batches.ts';

/** Memberships of one group on their way into requests, in the order in which they are said. */
export interface BisectionQueue {
  /** @returns undefined when all was said */
  next(): readonly MembershipChange[] | undefined;
  /** They are said before all others. */
  pushFront(parts: readonly (readonly MembershipChange[])[]): void;
  /** It was refused whole, and is said in smaller parts only if nothing else is left to try, or when somebody is taken. */
  defer(part: readonly MembershipChange[]): void;
  /** The group takes members after all. */
  requeueDeferred(): void;
}

export function createBisectionQueue(all: readonly MembershipChange[]): BisectionQueue {
  const waiting = [all];
  const deferred: (readonly MembershipChange[])[] = [];
  return {
    next() {
      const next = waiting.shift();
      if (next !== undefined) return next;
      const lastDeferred = deferred.pop();
      if (lastDeferred !== undefined) waiting.push(...bisect(lastDeferred));
      return waiting.shift();
    },
    pushFront(parts) {
      waiting.unshift(...parts);
    },
    defer(part) {
      deferred.push(part);
    },
    requeueDeferred() {
      waiting.push(...deferred.splice(0));
    },
  };
}

export function bisect(changes: readonly MembershipChange[]): readonly (readonly MembershipChange[])[] {
  const middle = Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)].filter((half) => half.length > 0);
}
