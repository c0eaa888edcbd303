import type { Random } from '../../model/clock.ts';
import type { StoredVerification, TargetView } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import type { OutcomeCounts } from '../execution/record.ts';

/** The removals of one target that this pass reads back. */
export interface RemovalVerification {
  readonly deps: ExecutionDeps;
  readonly round: ExecutionRound;
  readonly random: Random;
  readonly outcomeCounts: OutcomeCounts;
  readonly stop: AbortSignal;
}

/** Whether the removal was a deletion. An account that the target refused to delete was deactivated, and is known. */
export const isDeletion = (
  store: Pick<TargetView, 'known'>,
  { stored: { operation } }: Pick<StoredVerification, 'stored'>,
): boolean =>
  operation.action === 'delete' && store.known(operation.resourceType, operation.key)?.deletionRefusedAt === undefined;
