import type { TargetMapping } from '../../desired/target-mapping.ts';
import { keyInForm, type KeyForm } from '../../model/reading/key-form.ts';
import type { RemoteId, SourceKey } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import { managerPath } from '../../model/path.ts';
import type { FlatResource, Json } from '../../model/resource.ts';
import { uniqueNameAttribute, type ResourceType } from '../../model/resource-type.ts';
import type { ExistingAccount, PerformOutcome } from '../../scim/operation-context.ts';
import type { Serving } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import {
  compareIdentity,
  valuesOfAccount,
  valueTaken,
  withTakenValues,
  type UniquePaths,
} from '../names/taken-values.ts';

/** Keys of the records that own the accounts named in an answer. An account without an owner is absent. */
export interface Owners {
  /** Of the account that a create found or made. */
  readonly account?: SourceKey;
  /** Of the account that the resource names as its manager. */
  readonly manager?: SourceKey;
}

/** The accounts named in an answer, whose owners decide what the answer means. */
export function accountsIn(
  operation: Operation,
  outcome: PerformOutcome,
): { readonly account?: { readonly resourceType: ResourceType; readonly id: RemoteId }; readonly manager?: RemoteId } {
  const { resourceType } = operation;
  if (outcome.kind === 'existing') {
    const { remoteId: id, manager } = outcome.resource;
    return { account: { resourceType, id }, ...(manager === undefined ? {} : { manager }) };
  }
  if (outcome.kind === 'needsMembers') return {};
  const id = claimedIdOf(operation, outcome);
  return id === undefined ? {} : { account: { resourceType, id } };
}

/** Reads the owners of the accounts named in an answer. */
export async function ownersIn(
  serving: Pick<Serving, 'owners'>,
  operation: Operation,
  outcome: PerformOutcome,
): Promise<Owners> {
  const { account, manager } = accountsIn(operation, outcome);
  const [accountOwner, managerOwner] = await serving.owners([
    ...(account === undefined ? [] : [account]),
    ...(manager === undefined ? [] : [{ resourceType: 'User' as const, id: manager }]),
  ]);
  return {
    ...(accountOwner === undefined ? {} : { account: accountOwner }),
    ...(managerOwner === undefined ? {} : { manager: managerOwner }),
  };
}

/** Which existing accounts may be adopted at a target. */
export interface AdoptionPolicy extends Pick<TargetSpec, 'name' | 'adopt' | 'adoptConflicts' | 'keyForm'> {
  /** Values at these paths show no owner, because users with the same name share them. */
  readonly uniquePaths: UniquePaths;
}

/** The policy of a target with this mapping. */
export const adoptionPolicy = (
  { name, adopt, adoptConflicts, keyForm }: Omit<AdoptionPolicy, 'uniquePaths'>,
  { uniquePaths }: Pick<TargetMapping, 'uniquePaths'>,
): AdoptionPolicy => ({ name, adopt, adoptConflicts, keyForm, uniquePaths });

/**
 * Judges who owns the account that an answer names. An account is adopted unless another record owns it, it carries the
 * externalId of another person, or adoption is switched off. An account from our own create is adopted in any case.
 *
 * @param known the account in the snapshot, for an operation without a body
 */
export function judgeOwnership(
  operation: Operation,
  outcome: PerformOutcome,
  owners: Owners,
  policy: AdoptionPolicy,
  known: FlatResource = {},
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
      if (isForeign)
        return valueOfForeign(operation, outcome, account, policy) ?? foreignAccount(operation, outcome, account);
      return (
        refusedAdoption(operation, outcome, owners, policy, known) ?? {
          kind: 'adopted',
          status: outcome.status,
          resource: withManagerKey(outcome.resource, owners.manager),
        }
      );
    case 'rejected':
      return withTakenValues(operation, outcome, policy.uniquePaths);
    default:
      return outcome;
  }
}

/** Why an account without an owner is not adopted; undefined: it is. */
function refusedAdoption(
  operation: Operation,
  existing: ExistingAccount,
  owners: Owners,
  policy: AdoptionPolicy,
  known: FlatResource,
): Outcome | undefined {
  const { resource, by, origin } = existing;
  if (origin === 'ownCreate' || owners.account !== undefined) return undefined;
  const sent = 'body' in operation ? operation.body : known;
  const otherId = policy.adoptConflicts
    ? undefined
    : otherExternalId(operation.resourceType, sent, resource.body, policy.keyForm);
  const taken = valueOfUnrelated(operation, existing, otherId, policy);
  if (taken !== undefined) return taken;
  if (otherId !== undefined)
    return (
      notTheAccount(operation, `the account found by ${by} carries externalId "${otherId}"`) ?? {
        kind: 'rejected',
        status: 409,
        detail: describeConflict(resource, by, otherId, policy.name),
      }
    );
  if (policy.adopt) return undefined;
  return {
    kind: 'rejected',
    status: 409,
    detail:
      `the account exists already (found by ${by}), and adoption is switched off for this target: ` +
      'set "adopt" to true, or remove the account there',
  };
}

/** The unique value of a create that the account of another record has; undefined: it has none. */
function valueOfForeign(
  operation: Operation,
  { resource, by, status }: ExistingAccount,
  owner: SourceKey,
  { uniquePaths }: AdoptionPolicy,
): Outcome | undefined {
  const values = valuesOfAccount(operation, resource, uniquePaths);
  if (values.length === 0) return undefined;
  return valueTaken(operation, values, status, `found by ${by}; it is that of key ${owner}`);
}

/**
 * The unique value of a create that an unrelated account has; undefined: it has none, or the account is that of the
 * user.
 *
 *     externalId of the account            the account is
 *     that of the user                     that of the user
 *     another one                          unrelated
 *     none, and the user is sent with one  that of the user, if e-mail address or name show it
 *     none, and the user has none          that of the user, unless e-mail address or name contradict it
 */
function valueOfUnrelated(
  operation: Operation,
  { resource, by, status }: ExistingAccount,
  otherId: string | undefined,
  { adoptConflicts, uniquePaths }: AdoptionPolicy,
): Outcome | undefined {
  const values = valuesOfAccount(operation, resource, uniquePaths);
  if (values.length === 0 || adoptConflicts || !('body' in operation)) return undefined;
  const taken = (reason: string): Outcome => valueTaken(operation, values, status, `found by ${by}; ${reason}`);
  if (otherId !== undefined) return taken(`it carries externalId "${otherId}"`);
  const paths = uniquePaths(operation.resourceType);
  if (operation.resourceType === 'Group' || !paths.includes(by)) return undefined;
  const sentId = textOf(operation.body['externalId']);
  if (sentId !== '' && textOf(resource.body['externalId']) !== '') return undefined;
  const identity = compareIdentity(operation.body, resource.body, paths);
  if (identity === 'same' || (identity === 'unknown' && sentId === '')) return undefined;
  return taken(`id ${resource.remoteId}, and nothing shows that it is the account of this user`);
}

/**
 * The externalId by which an account at the target belongs to another person; undefined: no conflict.
 *
 *     sent       at the target       conflict
 *     none       any                 no: nothing identifies the person there
 *     "4711"     none                no: the account was made by hand, or the target stores no externalId
 *     "4711"     "4711", or "A"/"a"  no
 *     "4711"     "815"               yes
 *     "4711"     "04711"             yes, unless `keyForm` strips leading zeros
 *
 * Only for users: a group is found by its name, whichever client made it.
 */
export function otherExternalId(
  resourceType: ResourceType,
  sent: FlatResource,
  atTarget: FlatResource,
  keyForm: KeyForm = [],
): string | undefined {
  const [ours, theirs] = [textOf(sent['externalId']), textOf(atTarget['externalId'])];
  if (resourceType === 'Group' || ours === '' || theirs === '') return undefined;
  const isSame = keyInForm(ours, keyForm).toLowerCase() === keyInForm(theirs, keyForm).toLowerCase();
  return isSame ? undefined : theirs;
}

const textOf = (value: Json | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';

/** Names the account, its externalId, and the command that adopts it. */
export function describeConflict(resource: RemoteResource, by: string, externalId: string, target: string): string {
  const name = resource.body['userName'];
  const nameText = typeof name === 'string' ? ` (userName "${name}")` : '';
  return (
    `conflict: the account ${resource.remoteId}${nameText}, found by ${by}, exists already and carries ` +
    `externalId "${externalId}", that of another person; it was not changed. If it is the account of this person, ` +
    `adopt it with "scimsync sync --target ${target} --adopt-conflicts"`
  );
}

/** The outcome where a look-up found only the account of another person; undefined: a create, which it blocks. */
function notTheAccount(operation: Operation, detail: string): Outcome | undefined {
  const { action } = operation;
  if (action === 'verifyCreate')
    return { kind: 'notFound', status: 404, detail: `the create did not take effect: ${detail}` };
  // The known id does not exist, and the account that a look-up found instead is another one.
  if (action !== 'create' && action !== 'reactivate')
    return {
      kind: 'notFound',
      status: 404,
      detail: `${isRemoval(operation) ? 'already gone' : 'missing at the target'}, confirmed by look-up: ${detail}`,
    };
  return undefined;
}

function foreignAccount(operation: Operation, { by, status, origin }: ExistingAccount, owner: SourceKey): Outcome {
  const other = notTheAccount(operation, `its ${by} is that of the account of key ${owner}`);
  if (other !== undefined) return other;
  return origin === 'response'
    ? { kind: 'rejected', status, detail: matchedDetail(owner) }
    : { kind: 'rejected', status: 409, detail: `already there: its ${by} is that of the account of key ${owner}` };
}

/** The outcome of an operation whose account has become that of another record before the result was saved. */
export function afterOtherClaim(
  operation: Operation,
  outcome: Outcome,
  owner: SourceKey,
  policy: AdoptionPolicy,
): Outcome {
  const claimed: PerformOutcome =
    outcome.kind === 'adopted'
      ? { ...outcome, kind: 'existing', by: uniqueNameAttribute(operation.resourceType), origin: 'lookup' }
      : outcome;
  return judgeOwnership(operation, claimed, { account: owner }, policy);
}

/** The id that an outcome gives the account of the record; undefined: it gives none. */
export const claimedIdOf = ({ action }: Operation, outcome: Outcome): RemoteId | undefined => {
  if (outcome.kind === 'adopted') return outcome.resource.remoteId;
  const isCreated = (action === 'create' || action === 'reactivate') && outcome.kind === 'done';
  return isCreated ? outcome.remoteId : undefined;
};

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
