import type { TargetPlan } from '../../model/plan.ts';
import type { TargetSpec } from '../context.ts';

/**
 * Why a pass does not end the comparison of users without access: news superseded creates of users who lost access, and
 * the list was compared before. Undefined: there is no such user.
 */
export const whyNotCompared = (
  { adopt }: Pick<TargetSpec, 'adopt'>,
  plans: readonly Pick<TargetPlan, 'hasNewUnknownLeavers'>[],
): string | undefined =>
  adopt && plans.some(({ hasNewUnknownLeavers }) => hasNewUnknownLeavers === true)
    ? 'users lost access before they were created; the next pass looks for accounts that they had before'
    : undefined;
