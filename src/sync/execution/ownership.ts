import type { RemoteId, SourceKey } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ExistingAccount, PerformOutcome } from '../../scim/operation-context.ts';

/** Keys of the records that own the accounts named in an answer. An account without an owner is absent. */
export interface Owners {
  /** Of the account that a create found or made. */
  readonly account?: SourceKey;
  /** Of the account that the resource names as its manager. */
  readonly manager?: SourceKey;
}

/** The accounts named in an answer, whose owners decide what the answer means. */
export function accountsIn(
  { action, resourceType }: Operation,
  outcome: PerformOutcome,
): { readonly account?: { readonly resourceType: ResourceType; readonly id: RemoteId }; readonly manager?: RemoteId } {
  if (outcome.kind === 'existing') {
    const { remoteId: id, manager } = outcome.resource;
    return { account: { resourceType, id }, ...(manager === undefined ? {} : { manager }) };
  }
  const isCreated = (action === 'create' || action === 'reactivate') && outcome.kind === 'done';
  return isCreated && outcome.remoteId !== undefined ? { account: { resourceType, id: outcome.remoteId } } : {};
}

/**
 * Judges who owns the account that an answer names. An account is adopted unless another record owns it, or adoption is
 * switched off and the account is not known to come from our own create.
 */
export function judgeOwnership(
  operation: Operation,
  outcome: PerformOutcome,
  owners: Owners,
  mayAdopt: boolean,
): Outcome {
  const { account } = owners;
  const isForeign = account !== undefined && account !== operation.key;
  switch (outcome.kind) {
    case 'needsMembers':
      return {
        kind: 'skipped',
        detail: `this target only takes whole groups (PUT), and not all members of ${operation.name} are known`,
      };
    case 'done':
      return isForeign && accountsIn(operation, outcome).account !== undefined
        ? { kind: 'rejected', status: outcome.status, detail: matchedDetail(account) }
        : outcome;
    case 'existing':
      if (isForeign) return foreignAccount(operation, outcome, account);
      return mayAdopt || outcome.origin === 'ownCreate'
        ? { kind: 'adopted', status: outcome.status, resource: withManagerKey(outcome.resource, owners.manager) }
        : {
            kind: 'rejected',
            status: 409,
            detail:
              `the account exists already (found by ${outcome.by}), and adoption is switched off for this target: ` +
              'set "adopt" to true, or remove the account there',
          };
    default:
      return outcome;
  }
}

function foreignAccount(operation: Operation, { by, status, origin }: ExistingAccount, owner: SourceKey): Outcome {
  const { action } = operation;
  const detail = `its ${by} is that of the account of key ${owner}`;
  if (action === 'verifyCreate')
    return { kind: 'notFound', status: 404, detail: `the create did not take effect: ${detail}` };
  // The known id does not exist, and the account that a look-up found instead is another one.
  if (action !== 'create' && action !== 'reactivate')
    return {
      kind: 'notFound',
      status: 404,
      detail: `${isRemoval(operation) ? 'already gone' : 'missing at the target'}, confirmed by look-up: ${detail}`,
    };
  return origin === 'response'
    ? { kind: 'rejected', status, detail: matchedDetail(owner) }
    : { kind: 'rejected', status: 409, detail: `already there: its ${by} is that of the account of key ${owner}` };
}

const matchedDetail = (owner: SourceKey): string =>
  `the target answered with an account that was there before, that of key ${owner}; check what it matches accounts by`;

/**
 * A manager is the id of an account at the target, and the key of a record in the snapshot. Without an owner it stays
 * an id.
 */
export function withManagerKey(resource: RemoteResource, owner: SourceKey | undefined): RemoteResource {
  if (owner === undefined) return resource;
  const { manager: _, ...rest } = resource;
  return { ...rest, body: { ...rest.body, [managerPath]: owner } };
}
