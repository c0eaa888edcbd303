import type { Profile } from '../../model/profile.ts';
import type { FactName, LearnedFact } from '../../model/target/learned-fact.ts';
import type { Discovery } from '../read/discovery.ts';
import type { LearnedFacts } from './learned-facts.ts';
import { createSizeLimit } from './size-limit.ts';

/** The limits of one Bulk request: number of operations, and bytes of its body. */
export interface BulkLimits {
  readonly operations: number;
  readonly bytes: number;
}

/** What answers to Bulk requests show about their size, in this pass and in earlier ones. */
export interface LearnedBulk {
  /** The limits at the start of a pass. @returns undefined where requests are sent one by one */
  limitsWithin(offered: BulkLimits | undefined): BulkLimits | undefined;
  /** Whether answers of this pass show that Bulk does not work: later requests are sent one by one. */
  readonly isRefused: boolean;
  /** The target answered a Bulk request with results. @param hasSuccess whether any operation was successful */
  accepted(operations: number, hasSuccess: boolean): void;
  /** The target answered 413. @returns the maximum number of operations; below 2, requests are sent one by one */
  tooLarge(operations: number): number;
  /** The target refused the Bulk request itself, or answered without results. */
  refused(status: number): void;
}

/** Bulk as a whole, or an operation inside Bulk that the target accepted as a request of its own. */
export const bulkRefused: FactName = { kind: 'bulkRefused', subject: '' };

/** Starts with the facts of earlier passes. */
export function createLearnedBulk(facts: LearnedFacts): LearnedBulk {
  const size = createSizeLimit(facts, 'bulkTooLarge');
  let earlier: LearnedFact | undefined;
  return {
    get isRefused() {
      return ![undefined, earlier].includes(facts.find(bulkRefused));
    },
    limitsWithin(offered) {
      earlier = facts.find(bulkRefused);
      if (offered === undefined || facts.appliesTo(bulkRefused)) return undefined;
      const operations = Math.min(offered.operations, size.limitFor(offered.operations));
      return operations < 2 ? undefined : { ...offered, operations };
    },
    accepted(operations, hasSuccess) {
      if (hasSuccess) facts.accepted(bulkRefused);
      size.accepted(operations);
    },
    tooLarge: (operations) => size.refused(operations, 413),
    refused(status) {
      // 401 concerns the credentials.
      if (status !== 401) facts.refused(bulkRefused, { resource: '', status });
    },
  };
}

/**
 * The limits of Bulk requests: the smaller of the profile's and the offered ones. @returns undefined where requests are
 * sent one by one
 */
export function bulkLimits({ protocol, limits }: Profile, discovery: Discovery | undefined): BulkLimits | undefined {
  const offered = discovery?.bulk;
  if (protocol.bulk !== 'offered' || offered?.supported !== true) return undefined;
  // Some targets offer Bulk without limits, or with a limit of 0.
  const smaller = (ours: number, theirs: number | undefined): number =>
    theirs === undefined || theirs < 1 ? ours : Math.min(ours, theirs);
  const operations = Math.floor(smaller(limits.maxBulkOperations, offered.maxOperations));
  return operations < 2 ? undefined : { operations, bytes: smaller(limits.maxPayloadSize, offered.maxPayloadSize) };
}
