import type { Instant } from '../../model/ids.ts';
import type { Learned } from '../../model/target/learned-fact.ts';

/** What was learned about a target, with the circumstances in which it is true. */
export interface KeptLearned extends Learned {
  /** Digest of the profile and the ServiceProviderConfig. Undefined: an earlier version did not record it. */
  readonly under: string | undefined;
}

/** What the state holds for a target as a whole. */
export interface TargetState {
  readonly plannedReading: number;
  readonly mappingFingerprint: string;
  /** The ServiceProviderConfig; `{}`: the target works without one. Undefined: it was not read yet. */
  readonly discovery: unknown;
  /** When it was last requested; undefined: never, or by an earlier version. */
  readonly discoveryReadAt: Instant | undefined;
  readonly listedAt: Instant | undefined;
  /** When a backup of the state was restored; undefined: never. */
  readonly restoredAt: Instant | undefined;
  /** Users who should have no access were not compared with the target's list yet. */
  readonly leaversUnmatched: boolean;
  /** When the first load ended: a pass sent all that it planned. */
  readonly loadedAt: Instant | undefined;
  /** The moment up to which the dates of users are planned; undefined: none yet. */
  readonly plannedAt: Instant | undefined;
}
