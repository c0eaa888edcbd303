import type { RemoteResource } from '../../model/outcome.ts';
import type { StoredVerification } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';

/** How the removal of other accounts with the externalId of a leaver ended. */
export interface ClosedOthers {
  /** Number of accounts that were removed. */
  readonly closed: number;
  /** Why one is still open; undefined: no other account is open. */
  readonly failure: string | undefined;
}

/** An externalId that more accounts carry does not name one person: they are not removed without a decision. */
const maxOthers = 10;

/**
 * Removes the other accounts that carry the externalId of a leaver: duplicates from creates without an answer, and
 * accounts that were made by hand. An account of another record, and one that the mapping protects, is left alone.
 */
export async function closeOthers(
  { store, target }: Pick<ExecutionDeps, 'store' | 'target'>,
  { mapping }: Pick<ExecutionRound, 'mapping'>,
  { stored: { operation }, externalId = '' }: StoredVerification,
  others: readonly RemoteResource[],
  stop: AbortSignal,
): Promise<ClosedOthers> {
  const own = others.filter(
    ({ remoteId, body }) =>
      [undefined, operation.key].includes(store.owner('User', remoteId)) && mapping.isProtected(body) === false,
  );
  if (own.length > maxOthers)
    return {
      closed: 0,
      failure:
        `${own.length} other accounts carry externalId "${externalId}", more than one person has: they were not ` +
        'changed; give each its own externalId there, or close those of this user',
    };
  let closed = 0;
  for (const other of own) {
    const failure = await closeOther({ target }, mapping.paths('User'), operation, other, stop);
    if (failure !== undefined)
      return {
        closed,
        failure: `another account with externalId "${externalId}" (id ${other.remoteId}) is not: ${failure}`,
      };
    closed += 1;
  }
  return { closed, failure: undefined };
}

/** @returns why the account is still open; undefined: it is not */
async function closeOther(
  { target }: Pick<ExecutionDeps, 'target'>,
  paths: readonly string[],
  operation: StoredVerification['stored']['operation'],
  { remoteId, body }: RemoteResource,
  stop: AbortSignal,
): Promise<string | undefined> {
  const prepared = { operation, remoteId, knownResource: body, ids: new Map(), isInDoubt: false, paths };
  const { outcome } = await target.perform(prepared, stop);
  if (outcome.kind === 'notFound') return undefined;
  if (outcome.kind !== 'done') return 'detail' in outcome ? (outcome.detail ?? outcome.kind) : outcome.kind;
  if (outcome.evidence === 'shown' || outcome.evidence === 'read') return undefined;
  const isDeleted = operation.action === 'delete' && outcome.insteadOfDeletion === undefined;
  const action = isDeleted ? 'delete' : 'deactivate';
  const verdict = await target.verifyRemoval({ action, resourceType: 'User', remoteId, body, paths }, stop);
  return verdict.kind === 'confirmed' ? undefined : `answered ${outcome.status}, but ${verdict.detail}`;
}
