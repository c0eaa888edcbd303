import type { FactKind } from '../../model/target/learned-fact.ts';
import type { LearnedFacts } from './learned-facts.ts';

/** The kinds of facts whose subject is a size. */
export type SizeKind = Extract<FactKind, 'membersTooLarge' | 'bulkTooLarge'>;

/**
 * The largest size of one kind of request, learned from 413 answers. A size is a number of parts: memberships, or the
 * operations of a Bulk request.
 *
 *     1,000 → 413    500 → 413    250 → 200          the fact: 250
 *     next pass      1,000 → 413  250 → 200          confirmed: 250 until tomorrow
 *     a day later    1,000 → 200                     forgotten
 */
export interface SizeLimit {
  /**
   * The maximum size of a request that would have `size` parts. If the larger size is to be tried again, there is no
   * maximum until an answer shows which one holds.
   */
  limitFor(size: number): number;
  /** The target accepted a request of this size. */
  accepted(size: number): void;
  /** The target answered 413 to a request of this size. @returns the maximum size of the next requests */
  refused(size: number, status: number): number;
}

/** Starts without a limit, apart from one that an earlier pass learned. */
export function createSizeLimit(facts: LearnedFacts, kind: SizeKind): SizeLimit {
  let limitOfPass = Number.POSITIVE_INFINITY;
  let isTrying = false;

  const sizes = (): readonly number[] =>
    facts.all.filter((fact) => fact.kind === kind).map(({ subject }) => Number(subject));
  const keptSize = (): number => Math.min(...sizes(), Number.POSITIVE_INFINITY);
  const nameOf = (size: number): { kind: SizeKind; subject: string } => ({ kind, subject: String(size) });
  const forget = (): void => {
    for (const size of sizes()) facts.accepted(nameOf(size));
  };

  return {
    limitFor(size) {
      const kept = keptSize();
      if (size <= Math.min(kept, limitOfPass)) return Math.min(kept, limitOfPass);
      isTrying ||= kept < Number.POSITIVE_INFINITY && !facts.appliesTo(nameOf(kept));
      return isTrying ? limitOfPass : Math.min(kept, limitOfPass);
    },
    accepted(size) {
      if (size > keptSize()) forget();
    },
    refused(size, status) {
      if (size <= 1) {
        // The size is not the cause: the next requests may be large.
        forget();
        limitOfPass = Number.POSITIVE_INFINITY;
        return 1;
      }
      const kept = keptSize();
      const next = size > kept ? kept : Math.ceil(size / 2);
      if (next !== kept) forget();
      facts.refused(nameOf(next), { resource: '', status });
      isTrying = false;
      limitOfPass = Math.min(limitOfPass, next);
      return limitOfPass;
    },
  };
}
