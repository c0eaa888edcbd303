import type { Membership } from './parcels.ts';

/** Memberships of one group on their way into requests, in the order in which they are said. */
export interface MemberParts {
  /** @returns undefined when all was said */
  next(): readonly Membership[] | undefined;
  /** They are said before all others. */
  again(parts: readonly (readonly Membership[])[]): void;
  /** It was refused whole, and is said in smaller parts only if nothing else is left to try, or when somebody is taken. */
  putOff(part: readonly Membership[]): void;
  /** The group takes members after all. */
  taken(): void;
}

export function openMemberParts(all: readonly Membership[]): MemberParts {
  const waiting = [all];
  const putOff: (readonly Membership[])[] = [];
  return {
    next() {
      const next = waiting.shift();
      if (next !== undefined) return next;
      const last = putOff.pop();
      if (last !== undefined) waiting.push(...halves(last));
      return waiting.shift();
    },
    again(parts) {
      waiting.unshift(...parts);
    },
    putOff(part) {
      putOff.push(part);
    },
    taken() {
      waiting.push(...putOff.splice(0));
    },
  };
}

export function halves(changes: readonly Membership[]): readonly (readonly Membership[])[] {
  const middle = Math.ceil(changes.length / 2);
  return [changes.slice(0, middle), changes.slice(middle)].filter((half) => half.length > 0);
}
