import type { Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { Protocol } from '../../model/profile.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { PerformResult } from '../../scim/target.ts';
import type { ComparedTarget, Serving } from '../../store/store.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { findInListing, type ListedMatch } from './find-in-listing.ts';
import { maybeListed } from './listings.ts';
import type { TargetMapping } from '../../desired/target-mapping.ts';
import { compareIdentity } from '../names/taken-values.ts';
import { adoptionPolicy, judgeOwnership, otherExternalId, ownersIn, type AdoptionPolicy } from './ownership.ts';

/**
 * With at least this many creates at a target that the state knows and that was never listed, one listing is cheaper
 * than a conflict and a look-up for each.
 */
const minCreatesForListing = 20;
/** This many creates that found an existing account are a sign of more. */
const minConflictsForListing = 10;

/** Finds existing accounts, so that a create does not duplicate them. */
export interface Adoption {
  /**
   * Lists the target's resources before a create of this type is sent: where that saves requests, and where the state
   * has no memory of the target. A lost state has accounts there that no conflict shows: they have the externalIds of
   * the users to create, and other userNames.
   */
  listIfWorthwhile(resourceType: ResourceType, stop: AbortSignal): Promise<void>;
  /**
   * The outcome of a create, or of the search for an account, where the listing shows the account; undefined: it does
   * not, so the operation is sent.
   */
  findListed(operation: Operation): Promise<PerformResult<Outcome> | undefined>;
  /**
   * Whether the target may create a duplicate, so that the create looks it up first. After a complete listing that is
   * not needed.
   */
  mayDuplicate(operation: Operation): boolean;
  /** Whether the target was listed, so that `listIfWorthwhile` does nothing. */
  isListed(resourceType: ResourceType): boolean;
  /** Whether a listing has shown any resource of the type. */
  hasListed(resourceType: ResourceType): boolean;
  /** A create found an existing account. */
  countConflict(resourceType: ResourceType): void;
}

/**
 * Finds existing accounts with few requests: many by listing the target, few by the conflict that creating them gives.
 * An account that the listing does not show may still exist: it is created, and a conflict is looked up.
 */
export function createAdoption(deps: ExecutionDeps, { pass, round, spec, mapping }: ExecutionRound): Adoption {
  const { journal, store, serving, listings } = deps;
  const policy = adoptionPolicy(spec, mapping);
  const { protocol } = spec.profile;
  const conflicts: Record<ResourceType, number> = { User: 0, Group: 0 };
  const creates = new Map<ResourceType, number>();

  const isListingWorthwhile = async (resourceType: ResourceType): Promise<boolean> => {
    if (conflicts[resourceType] >= minConflictsForListing) return true;
    const { listedAt, restoredAt } = await store.state();
    if (listedAt !== undefined) return false;
    // Accounts that were created after the backup are in no snapshot, and may show in no conflict.
    if (restoredAt !== undefined) return true;
    if (resourceType === 'User' && !listings.hasMemory) return true;
    if (!creates.has(resourceType))
      creates.set(resourceType, await journal.countCreates(pass, spec.name, round, resourceType));
    return (creates.get(resourceType) ?? 0) >= minCreatesForListing;
  };

  const isListed = (resourceType: ResourceType): boolean => listings.of(resourceType) !== undefined;

  return {
    async listIfWorthwhile(resourceType, stop) {
      if (maybeListed(spec) && !isListed(resourceType) && (await isListingWorthwhile(resourceType)))
        await listings.ensure(resourceType, stop);
    },

    async findListed(operation) {
      const { action, resourceType } = operation;
      const isSearched = action === 'create' || action === 'verifyCreate';
      if (!isSearched || (listings.of(resourceType)?.found ?? 0) === 0) return undefined;
      const match = await findListedAccount(store, { protocol, mapping }, operation, operation.body);
      return match === undefined
        ? undefined
        : { outcome: await judgeListed(serving, operation, match, policy), requests: 0, retries: 0 };
    },

    mayDuplicate: ({ action, resourceType }) =>
      action === 'create' &&
      protocol.allowsDuplicates.includes(resourceType) &&
      listings.of(resourceType)?.complete !== true,

    isListed,
    hasListed: (resourceType) => (listings.of(resourceType)?.found ?? 0) > 0,

    countConflict(resourceType) {
      conflicts[resourceType] += 1;
    },
  };
}

/** The listed account of a record. A user's userName shows no owner where it is one of several unique values. */
export async function findListedAccount(
  store: Pick<ComparedTarget, 'listingCache' | 'candidate' | 'owner'>,
  { protocol, mapping }: { readonly protocol: Protocol; readonly mapping: UniqueMapping },
  operation: Operation,
  body: FlatResource,
): Promise<ListedMatch | undefined> {
  const match = findInListing(store.listingCache, protocol, operation.resourceType, body);
  const isByName = match === undefined || mapping.uniquePaths(operation.resourceType).includes(match.by);
  return (isByName ? await findByOtherValue(store, mapping, operation) : undefined) ?? match;
}

type UniqueMapping = Pick<TargetMapping, 'uniquePaths' | 'uniqueCandidates'>;

/** The account of a user to create that has any of the user's unique userNames, and the same e-mail address or name. */
async function findByOtherValue(
  { listingCache, candidate, owner }: Pick<ComparedTarget, 'listingCache' | 'candidate' | 'owner'>,
  { uniquePaths, uniqueCandidates }: UniqueMapping,
  operation: Operation,
): Promise<ListedMatch | undefined> {
  const { action, resourceType, key } = operation;
  const paths = uniquePaths(resourceType);
  if (action !== 'create' || resourceType !== 'User' || !paths.includes('userName')) return undefined;
  const { record } = await candidate(resourceType, key);
  const names = record === undefined ? [] : (uniqueCandidates(record).get('userName') ?? []);
  for (const value of names) {
    const [resource, other] = listingCache.find('User', 'userName', value);
    if (resource === undefined || other !== undefined) continue;
    const isForeign =
      otherExternalId('User', operation.body, resource.body) !== undefined ||
      ![undefined, key].includes(owner('User', resource.remoteId));
    if (!isForeign && compareIdentity(operation.body, resource.body, paths) === 'same')
      return { resource, by: 'userName', value, isAmbiguous: false };
  }
  return undefined;
}

/**
 * Judges whether an operation that creates or searches an account adopts the listed one. Managers are adopted before
 * their reports, so the snapshot knows them by now.
 *
 * @param known the account in the snapshot, for an operation without a body
 */
export async function judgeListed(
  serving: Pick<Serving, 'owners'>,
  operation: Operation,
  { resource, by, value, isAmbiguous }: ListedMatch,
  policy: AdoptionPolicy,
  known?: FlatResource,
): Promise<Outcome> {
  if (isAmbiguous) return ambiguousOutcome(by, value);
  const outcome = { kind: 'existing', status: 200, resource, by, origin: 'lookup' } as const;
  return judgeOwnership(operation, outcome, await ownersIn(serving, operation, outcome), policy, known);
}

/** The outcome where several listed accounts have the value by which one is matched. */
export const ambiguousOutcome = (attribute: string, value: string): Outcome => ({
  kind: 'rejected',
  status: 409,
  detail:
    `more than one account at the target has ${attribute} "${value}", so it is unknown which one is meant: ` +
    'change or remove all but one of them',
});
