import { limitNames, type Limit, type LimitName, type Limits } from '../../src/model/plan.ts';

export const count = (number: number): Limit => ({ kind: 'count', count: number });
export const share = (number: number, floor = 10): Limit => ({ kind: 'share', share: number, floor });

/** Limits of the guard that allow everything, except where `table` sets a limit. Each pass is judged alone. */
export function limitsOf(table: Partial<Record<LimitName, Limit>> = {}, windowMs = 0): Limits {
  const unlimited = Object.fromEntries(limitNames.map((name) => [name, count(1_000_000)])) as Record<LimitName, Limit>;
  return { table: { ...unlimited, ...table }, windowMs };
}

/** The same limit for people, groups and memberships that are removed. */
export const removalLimits = (limit: Limit) => ({
  maxRemovals: limit,
  maxGroupRemovals: limit,
  maxMembershipRemovals: limit,
});

/** As the operator writes it: no plan of the test is held. */
export const unlimitedGuard = Object.fromEntries(limitNames.map((name) => [name, 1_000_000]));
