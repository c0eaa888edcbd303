import { isDeepStrictEqual } from 'node:util';
import { isRemoval, type Edit, type Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import { recordKey } from '../../model/record-key.ts';
import type { KnownState } from '../../model/resource.ts';
import type { PerformResult } from '../../scim/operation-context.ts';
import type { ExecutionDeps } from '../context.ts';

/** The outcome where the account was in doubt, and the read of this pass shows that nothing is to be sent. */
export function readBefore(
  { readAccounts }: Pick<ExecutionDeps, 'readAccounts'>,
  operation: Operation,
  known: KnownState | undefined,
): PerformResult<Outcome> | undefined {
  if (!readAccounts.has(recordKey(operation))) return undefined;
  const outcome = settledByReading(operation, known);
  return outcome === undefined ? undefined : { outcome, requests: 0, retries: 0 };
}

/**
 * The outcome of an operation whose account was in doubt and has just been read: an earlier request of unknown outcome
 * may have reached the goal, and then nothing is sent.
 *
 *     the read shows                     deactivate   delete            update, reactivate
 *     proven missing                     already gone already gone      (sent)
 *     every value that the edits write   done         (sent)            done
 *     anything else                      (sent)       (sent)            (sent)
 *
 * @param known the account as it was read
 * @returns undefined: the operation is to be sent
 */
export function settledByReading(operation: Operation, known: KnownState | undefined): Outcome | undefined {
  if (known === undefined) return undefined;
  if (isRemoval(operation) && known.missingSince !== undefined)
    return { kind: 'notFound', status: 404, detail: 'already gone, confirmed by look-up' };
  if (!('edits' in operation) || known.missingSince !== undefined) return undefined;
  const isReached = operation.edits.every((edit) => holds(known, edit));
  return isReached
    ? { kind: 'done', status: 200, evidence: 'read', detail: 'confirmed by read: an earlier request took effect' }
    : undefined;
}

function holds({ body, active, inDoubt = [] }: KnownState, { path, to }: Edit): boolean {
  // The manager may get another id in this pass.
  if (inDoubt.includes(path) || path === managerPath) return false;
  const value = path === 'active' ? active : (body[path] ?? null);
  return isDeepStrictEqual(value, to);
}
