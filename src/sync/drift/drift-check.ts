import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { Clock } from '../../model/clock.ts';
import type { SourceKey } from '../../model/ids.ts';
import type { DriftSettings } from '../../model/target/drift.ts';
import type { Target } from '../../scim/target.ts';
import type { RecordRef, Serving, ServingTarget } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import type { ListingResult } from '../execution/listings.ts';
import type { AccountRules } from './compare-account.ts';

/** The comparison of one target with the snapshot: what it needs, and what it has found out so far. */
export interface DriftCheck {
  readonly spec: TargetSpec;
  readonly mapping: TargetMapping;
  readonly settings: DriftSettings;
  readonly rules: AccountRules;
  readonly store: ServingTarget;
  readonly serving: Serving;
  readonly target: Target;
  readonly clock: Clock;
  /** Users for whom nothing is changed. */
  readonly frozen: ReadonlySet<SourceKey>;
  /** The snapshot takes over what the policy repairs, so that the next planning repairs it. */
  readonly isRepairing: boolean;
  readonly stop: AbortSignal;
  /** Whether the check is to end between two requests: the lane has other work. */
  readonly isInterrupted: () => boolean;
  /** The most requests that the check sends; a list that can only be read as a whole may exceed it. */
  readonly budget: number;
  readonly findings: CheckFindings;
}

/** What a check has found out so far. */
export interface CheckFindings {
  /** Number of accounts and groups that were compared. */
  compared: number;
  /** Number of those of which a read proved nothing. */
  unproven: number;
  /** Why a read proved nothing, for the first of them. */
  unprovenDetail: string | undefined;
  /** Paths that the target has shown of any account. */
  readonly shownPaths: Set<string>;
  /** The list of users of this check; undefined: there is none. */
  listing: ListingResult | undefined;
  /** Accounts whose acknowledged value was not shown, while the target had not shown this path of any account. */
  readonly hidden: HiddenValues[];
  /** The records whose snapshot took over what the target shows. */
  readonly taken: RecordRef[];
  /** Why the absence of accounts proves nothing; undefined: it was not asked, or it does. */
  absenceDoubt: Promise<string | undefined> | undefined;
}

/** An account with values that the target did not show. */
export interface HiddenValues extends RecordRef {
  readonly paths: readonly string[];
}

/** A check that has found nothing so far. */
export const noFindings = (shownPaths: readonly string[]): CheckFindings => ({
  ...{ compared: 0, unproven: 0, unprovenDetail: undefined, listing: undefined, absenceDoubt: undefined },
  ...{ shownPaths: new Set(shownPaths), hidden: [], taken: [] },
});

/** Records that a read of an account or a group proved nothing. */
export function addUnproven({ findings }: Pick<DriftCheck, 'findings'>, detail: string): void {
  findings.unproven += 1;
  findings.unprovenDetail ??= detail;
}

/** The requests that the check has sent. */
export const requestsOf = ({ target: { counters } }: Pick<DriftCheck, 'target'>): number =>
  counters.requests + counters.verifications;

/** Whether the check ends: it was stopped or interrupted, or the target receives no more requests. */
export const isStopped = ({ stop, target, isInterrupted }: DriftCheck): boolean =>
  stop.aborted || target.unavailableReason !== undefined || isInterrupted();

/** The same, or its budget is spent. */
export const isOver = (check: DriftCheck): boolean => isStopped(check) || requestsOf(check) >= check.budget;
