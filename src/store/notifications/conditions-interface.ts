import type { Instant, SourceKey } from '../../model/ids.ts';
import type { TargetBasics } from '../target-basics.ts';

/** What incidents are derived from. The questions cost the same for any number of accounts. */
export interface Conditions {
  /** @param openSince a removal is only counted if it is older @param driftSince as `LeaverDrift.repaired` */
  targets(times: { readonly openSince: Instant; readonly driftSince: Instant }): readonly TargetConditions[];
  /** The last passes of a daemon, the newest first. */
  daemonPasses(limit: number): readonly PassTimes[];
  /** When the last pass began that accepted a reading, changed or not; undefined: none did. */
  lastReadingAt(): Instant | undefined;
  /** What was done at targets within a time, in operations. */
  done(since: Instant, until: Instant): readonly DoneCount[];
  /** How many passes began within a time. */
  passes(since: Instant, until: Instant): { readonly total: number; readonly failed: number };
}

/** What is derived for one target. */
export interface TargetConditions extends Omit<TargetBasics, 'id'> {
  readonly openLeavers: OpenLeavers;
  readonly leaverDrift: LeaverDrift;
}

/** Users who should have no access, and whose removal no answer or read has shown. */
export interface OpenLeavers {
  readonly total: number;
  /** When the first of these removals was planned; undefined: there are none. */
  readonly since: Instant | undefined;
  /** Some of them, the oldest first. */
  readonly first: readonly OpenLeaver[];
}

/** One of these users. */
export interface OpenLeaver {
  readonly key: SourceKey;
  readonly name: string;
  readonly action: 'deactivate' | 'delete';
  /** What the target answered last, or why nothing was sent. */
  readonly detail: string;
  readonly since: Instant;
}

/** Accounts of leavers that were found active again. */
export interface LeaverDrift {
  readonly open: number;
  /** Those that were closed again since the given time. */
  readonly repaired: number;
}

/** When a pass was at work. */
export interface PassTimes {
  readonly started: Instant;
  readonly ended: Instant | undefined;
  /** It has accepted or refused its reading. */
  readonly hasRead: boolean;
}

/** Operations of one action that succeeded at one target. */
export interface DoneCount {
  readonly target: string;
  readonly action: string;
  readonly count: number;
}
