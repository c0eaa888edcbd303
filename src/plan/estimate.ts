import type { Cost } from '../model/plan.ts';

/** What carrying out so many operations costs, nothing going wrong: one request each, at the target's own limit. */
export function estimateCost(operations: number, requestsPerSecond: number): Cost {
  return { requests: operations, milliseconds: Math.ceil((operations / requestsPerSecond) * 1000) };
}
