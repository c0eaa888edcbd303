import { isRemoval } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import { displayName } from '../../plan/diff.ts';
import type { PerformOutcome, PreparedOperation } from '../../scim/operation-context.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { storesExternalIds } from './control-accounts.ts';

/**
 * The outcome of a removal whose account is gone, where the account that a look-up found instead may belong to another
 * person. @returns undefined where the account that was found is to be removed, or none was found
 *
 *     the account that has the userName now     the target stores externalIds   removed
 *     carries the externalId of the user        any                             yes
 *     carries no externalId                     no                              yes
 *     carries no externalId                     yes, or not known               only with --adopt-conflicts
 *     carries no externalId, is inactive        yes, or not known               no: nothing is open
 *
 * An administrator may have deleted the account and given its userName to another person. Where the target stores
 * externalIds, an account without one was not made for this user.
 */
export async function withoutUncertainOwner(
  deps: Pick<ExecutionDeps, 'serving' | 'target'>,
  { mapping, spec, pass }: Pick<ExecutionRound, 'mapping' | 'spec' | 'pass'>,
  { operation, remoteId, knownResource = {} }: PreparedOperation,
  answer: PerformOutcome,
  judged: Outcome,
  stop: AbortSignal,
): Promise<Outcome | undefined> {
  if (!isRemoval(operation) || judged.kind !== 'adopted' || answer.kind !== 'existing') return undefined;
  if (answer.isUncertain !== true || spec.adoptConflicts) return undefined;
  if ((await storesExternalIds(deps, { mapping, pass }, stop)) === false) return undefined;
  const { resource, by } = answer;
  const name = displayName(operation.resourceType, knownResource);
  const fact =
    `the account ${remoteId ?? ''} is gone, and the account ${resource.remoteId} has the ${by} "${name}" now ` +
    'and no externalId';
  if (operation.action === 'deactivate' && !resource.active)
    return { kind: 'notFound', status: 404, detail: `already gone, confirmed by look-up: ${fact}; it is inactive` };
  const advice =
    `If it is the account of this user, close it with "scimsync sync --target ${spec.name} --adopt-conflicts"; ` +
    'otherwise set its own externalId there';
  const detail = `${fact}: it may belong to another person, so it was not changed. ${advice}`;
  return { kind: 'rejected', status: 404, detail };
}
