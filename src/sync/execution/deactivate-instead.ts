import type { EditOperation } from '../../model/operation.ts';
import type { Outcome, SnapshotChange } from '../../model/outcome.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { RemovalVerdict } from '../../scim/target.ts';
import type { KnownState } from '../../model/resource.ts';
import { isAtTarget } from '../evaluate-record.ts';
import type { StoredOperation } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { applyEdits } from '../../plan/apply-edits.ts';
import { settle } from '../settle.ts';
import { record, report, type OutcomeCounts } from './record.ts';

/** What the operations of a round share, as far as a deactivation needs it. */
interface Execution {
  readonly deps: ExecutionDeps;
  readonly round: ExecutionRound;
  readonly outcomeCounts: OutcomeCounts;
  readonly stop: AbortSignal;
}

/**
 * A deleted account that is still a member of a group leaves a member there that no request can name. The user is
 * deactivated, which ends the access, and deleted by the pass in which the memberships are removed.
 *
 * @param send sends the deactivation
 */
export async function deactivateInstead(
  execution: Execution,
  stored: StoredOperation,
  known: KnownState | undefined,
  send: (deactivation: EditOperation) => Promise<PerformResult<Outcome>>,
): Promise<void> {
  const { deps, round, outcomeCounts } = execution;
  const { resourceType, key, name, reason } = stored.operation;
  const edits = [{ path: 'active', from: true, to: false }];
  const body = applyEdits(known?.body ?? {}, edits);
  const deactivation: EditOperation = { action: 'deactivate', resourceType, key, name, reason, edits, body };
  const result = known?.active === true ? await send(deactivation) : undefined;
  const verdict = result === undefined ? undefined : await verifyAtOnce(execution, deactivation, result.outcome, known);
  const isContradicted = verdict?.kind === 'contradicted';
  const isDeactivated = result === undefined || (result.outcome.kind === 'done' && !isContradicted);
  const change: SnapshotChange =
    result === undefined || isContradicted
      ? { kind: 'keep' }
      : settle(deactivation, result.outcome, known, result).change;
  const detail =
    'its memberships could not be removed yet, so it is not deleted in this pass; ' +
    [`it ${isDeactivated ? 'is deactivated' : 'could not be deactivated either'}`, verdict?.detail]
      .filter((part) => part !== undefined)
      .join(': ');
  const { requests, retries } = result ?? { requests: 0, retries: 0 };
  const answer = { stored, outcome: { kind: 'skipped', detail }, known } as const;
  const reported = { result: isDeactivated ? 'skipped' : 'failed', detail } as const;
  record(deps, round, answer, { change, followUp: 'nextPass', requests, retries }, () =>
    report(deps.emit, deps.target.name, stored.operation, reported, outcomeCounts),
  );
}

/** Reads a deactivation back at once, unless its answer showed the account as inactive. */
async function verifyAtOnce(
  { deps, round, stop }: Execution,
  { resourceType, body }: EditOperation,
  outcome: Outcome,
  known: KnownState | undefined,
): Promise<RemovalVerdict | undefined> {
  if (outcome.kind !== 'done' || outcome.evidence === 'shown' || outcome.evidence === 'read') return undefined;
  const remoteId = outcome.movedTo ?? (isAtTarget(known) ? known.remoteId : undefined);
  if (remoteId === undefined) return undefined;
  const paths = round.mapping.paths(resourceType);
  return deps.target.verifyRemoval({ action: 'deactivate', resourceType, remoteId, body, paths }, stop);
}
