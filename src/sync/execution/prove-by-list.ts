import type { RemoteId } from '../../model/ids.ts';
import { isRemoval, type Operation } from '../../model/operation.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { ComparedTarget, Serving } from '../../store/store.ts';
import type { TargetSpec } from '../context.ts';
import { judgeListed } from './adoption.ts';
import { findInListing, type ListedMatch } from './find-in-listing.ts';
import type { Listings } from './listings.ts';

/** What the list of a target shows of an account. */
export type ListedAbsence =
  | { readonly kind: 'absent' }
  | { readonly kind: 'listed' }
  /** The list has an account with the values of this one, under another id. */
  | { readonly kind: 'match'; readonly match: ListedMatch }
  /** The list is not complete, or not plausible. */
  | { readonly kind: 'unproven'; readonly detail: string };

/** An account whose absence is in question. A create in doubt has no id. */
export interface ListedSuspect {
  readonly resourceType: ResourceType;
  readonly remoteId: RemoteId | undefined;
  readonly body: FlatResource;
}

/** What a proof by list needs. */
export interface ListProofDeps {
  readonly listings: Pick<Listings, 'forAbsence'>;
  readonly store: Pick<ComparedTarget, 'listingCache' | 'totals'>;
}

/**
 * Looks for an account in the list of all accounts, where the target lets nothing be looked up by filter. The first
 * call in a pass lists the target, the others read the cache.
 *
 *     list                                             verdict
 *     incomplete, or implausibly short                 unproven
 *     contains the id                                  listed
 *     contains the values of the account               match
 *     otherwise                                        absent
 */
export async function absenceInList(
  { listings, store }: ListProofDeps,
  { profile }: Pick<TargetSpec, 'profile'>,
  { resourceType, remoteId, body }: ListedSuspect,
  stop: AbortSignal,
): Promise<ListedAbsence> {
  const { complete, found, detail } = await listings.forAbsence(resourceType, stop);
  if (!complete) return { kind: 'unproven', detail: `its list is not complete: ${detail ?? 'no reason given'}` };
  const { activeUsers, groups } = await store.totals();
  const known = resourceType === 'User' ? activeUsers : groups;
  if (!isPlausible(found, known))
    return { kind: 'unproven', detail: `its list has ${found} accounts, and ${known} are known there` };
  if (remoteId !== undefined && store.listingCache.has(resourceType, remoteId)) return { kind: 'listed' };
  const match = findInListing(store.listingCache, profile.protocol, resourceType, body);
  return match === undefined ? { kind: 'absent' } : { kind: 'match', match };
}

/** Whether a list may be that of the application: it has accounts, and at least half of the known number. */
export const isPlausible = (found: number, known: number): boolean => found > 0 && found * 2 >= known;

/**
 * The outcome of an operation on an account that no look-up can prove missing, after a look into the list.
 *
 * @param known the account in the snapshot
 */
export async function provedByList(
  deps: ListProofDeps & { readonly serving: Pick<Serving, 'owners'> },
  spec: TargetSpec,
  operation: Operation,
  outcome: Outcome,
  known: { readonly remoteId: RemoteId; readonly body: FlatResource } | undefined,
  stop: AbortSignal,
): Promise<Outcome> {
  if (!('isProvableByList' in outcome) || !isProof(spec, operation)) return outcome;
  const { resourceType } = operation;
  const body = known?.body ?? ('body' in operation ? operation.body : {});
  const absence = await absenceInList(deps, spec, { resourceType, remoteId: known?.remoteId, body }, stop);
  switch (absence.kind) {
    case 'absent':
      return { kind: 'notFound', status: outcome.status ?? 404, detail: absentDetail(operation) };
    case 'match':
      return judgeListed(deps.serving, operation, absence.match, { ...spec, uniquePaths: () => [] }, body);
    case 'listed':
      return { ...outcome, detail: `${outcome.detail}; its list still shows the account` };
    case 'unproven':
      return { ...outcome, detail: `${outcome.detail}; ${absence.detail}` };
  }
}

/** A target that hides inactive users may hide the account: that ends a removal, and proves nothing else. */
const isProof = ({ profile }: TargetSpec, operation: Operation): boolean =>
  operation.resourceType === 'Group' || isRemoval(operation) || profile.protocol.inactiveUsers === 'readable';

function absentDetail(operation: Operation): string {
  if (operation.action === 'verifyCreate') return 'the create did not take effect, confirmed by the list';
  return isRemoval(operation)
    ? 'already gone, confirmed by the list'
    : 'missing at the target: a GET answers 404, and a complete list does not contain it';
}
