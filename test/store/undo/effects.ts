import type { MembershipEffect, PassEffects, ResourceEffect } from '../../../src/store/store.ts';
import { target } from '../builders.ts';

/** What a pass did with users and groups, all pages. */
export const resourceEffects = (journal: PassEffects, pass: number): Promise<readonly ResourceEffect[]> =>
  all(journal.resourceEffects(pass, target));

/** What a pass did with memberships, all pages. */
export const membershipEffects = (journal: PassEffects, pass: number): Promise<readonly MembershipEffect[]> =>
  all(journal.membershipEffects(pass, target));

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const result: T[] = [];
  for await (const page of pages) result.push(...page);
  return result;
}
