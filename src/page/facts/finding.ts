/** What a finding is about. */
export type FindingKind =
  | 'accepted'
  | 'asked'
  | 'behind'
  | 'busy'
  | 'deletionsRefused'
  | 'drift'
  | 'due'
  | 'expires'
  | 'failing'
  | 'gone'
  | 'held'
  | 'keyChanges'
  | 'leaversWait'
  | 'learned'
  | 'missed'
  | 'missing'
  | 'oldExport'
  | 'openLeavers'
  | 'orphans'
  | 'paused'
  | 'quarantined'
  | 'refused'
  | 'rejected'
  | 'secondLooks'
  | 'stale'
  | 'unavailable'
  | 'uncertain'
  | 'unowned';

/** One thing that an operator should know about a target or a source. `status` and the status page show the same. */
export interface Finding {
  readonly kind: FindingKind;
  /** One sentence for people. */
  readonly text: string;
  /** What belongs to it, one line each. */
  readonly details?: readonly string[];
  /** The command that deals with it. */
  readonly command?: string;
}

/** Findings that no later pass removes without a person. */
const kindsForPeople: ReadonlySet<FindingKind> = new Set([
  ...(['deletionsRefused', 'drift', 'failing', 'gone', 'held', 'keyChanges', 'leaversWait', 'orphans'] as const),
  ...(['expires', 'missed', 'oldExport', 'openLeavers', 'stale'] as const),
  ...(['quarantined', 'refused', 'rejected', 'unavailable'] as const),
]);

/** Whether a person must look at it: the reason for exit code 1 of `status --exit-code`. */
export const needsPerson = ({ kind }: Finding): boolean => kindsForPeople.has(kind);
