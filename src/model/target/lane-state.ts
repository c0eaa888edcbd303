import type { Instant } from '../ids.ts';

/** What the lane of a target does now; a free lane has no state. */
export type LaneState =
  /** `until`: it sends no request before that time, because the target asked for a pause. */
  | { readonly state: 'busy'; readonly since: Instant; readonly pass: number; readonly until: Instant | undefined }
  /** `until`: when the target is tried again. `since`: when the last try failed. */
  | { readonly state: 'quarantined'; readonly since: Instant; readonly until: Instant; readonly reason: string };
