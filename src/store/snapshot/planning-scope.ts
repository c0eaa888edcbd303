import type { BoundarySpan } from '../../model/dates/validity.ts';
import type { Instant } from '../../model/ids.ts';

/** Which records a planning evaluates. */
export type PlanningScope =
  | { readonly kind: 'full'; readonly inactiveBefore: Instant | undefined }
  /** Changed since `after`, requeued, deactivated before `inactiveBefore`, or with a date in one of these spans. */
  | {
      readonly kind: 'changed';
      readonly after: number;
      readonly inactiveBefore: Instant | undefined;
      readonly boundaries?: readonly BoundarySpan[];
    }
  /** Only the follow-ups of responses in the running pass. */
  | { readonly kind: 'followUp' };
