import type { TargetPlan } from '../../model/plan.ts';
import type { TargetSpec } from '../context.ts';

/**
 * Why the next pass goes on with the comparison of users without access, at once: news superseded creates of users who
 * lost access, and the list was compared before. The target did not fail. Undefined: there is no such user.
 */
export const whyNotCompared = (
  { adopt }: Pick<TargetSpec, 'adopt'>,
  plans: readonly Pick<TargetPlan, 'hasNewUnknownLeavers'>[],
): string | undefined =>
  adopt && plans.some(({ hasNewUnknownLeavers }) => hasNewUnknownLeavers === true)
    ? 'users lost access before they were created; the next pass looks for accounts that they had before'
    : undefined;
