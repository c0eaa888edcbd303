import type { ResolveId } from '../encode/references.ts';
import type { MembershipChange } from '../encode/member-batches.ts';

/** Membership changes of one group that are still to be sent, in the order of their requests. */
export interface BisectionQueue {
  /** @returns the next batch; undefined when all are sent */
  next(): readonly MembershipChange[] | undefined;
  /** Sends these batches before all others. */
  pushFront(parts: readonly (readonly MembershipChange[])[]): void;
  /**
   * Puts a refused batch aside. It is bisected only when no other batch is left, or sent again when the group accepts a
   * member.
   */
  defer(part: readonly MembershipChange[]): void;
  /** The group accepted a member: the deferred batches are sent again. */
  requeueDeferred(): void;
}

/** Creates a queue that starts with all changes as one batch. */
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

/** Cuts a batch into two halves; a single change stays one batch. */
export function bisect(changes: readonly MembershipChange[]): readonly (readonly MembershipChange[])[] {
  const middle = Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)].filter((half) => half.length > 0);
}

/** The other changes, and one request for each whose id the answer names; undefined where it names none, or all. */
export function withoutNamed(
  changes: readonly MembershipChange[],
  answer: string,
  resolve: ResolveId,
): readonly (readonly MembershipChange[])[] | undefined {
  const isNamed = ({ member }: MembershipChange): boolean => {
    const id = resolve(member.resourceType, member.key);
    return id !== undefined && id.length >= minNamedIdLength && answer.includes(id);
  };
  const named = changes.filter(isNamed);
  if (named.length === 0 || named.length > maxNamed || named.length === changes.length) return undefined;
  return [changes.filter((change) => !named.includes(change)), ...named.map((change) => [change])];
}

/** A shorter id may be part of any other word of the answer. */
const minNamedIdLength = 6;
/** An answer that names more ids repeats the request. */
const maxNamed = 10;
