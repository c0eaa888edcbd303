import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { Clock } from '../../model/clock.ts';
import type { Profile } from '../../model/profile.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { Target } from '../../scim/target.ts';
import type { ComparedTarget, ServingTarget } from '../../store/store.ts';
import type { Emit } from '../events.ts';
import { collectOrphans, type ListingFacts } from './orphans.ts';

/** How a listing of a target ended. Only a complete listing proves that an account does not exist. */
export interface ListingResult {
  /** Number of listed resources. */
  readonly found: number;
  readonly complete: boolean;
  /** Why it is not complete. */
  readonly detail: string | undefined;
}

/** The listings of a target in one pass: each type is listed once, into the listing cache of the store. */
export interface Listings {
  /** The state knew the target when the pass began. */
  readonly hasMemory: boolean;
  /** Lists a type, unless this pass did. @returns undefined where adoption is off, or lists are not reliable */
  ensure(resourceType: ResourceType, stop: AbortSignal): Promise<ListingResult | undefined>;
  /** Lists a type, unless this pass did, to prove that accounts are missing: whether or not adoption is on. */
  forAbsence(resourceType: ResourceType, stop: AbortSignal): Promise<ListingResult>;
  /** The listing of this pass; undefined: none yet. */
  of(resourceType: ResourceType): ListingResult | undefined;
}

/** The settings that decide whether a target is listed. */
export interface ListedTarget {
  readonly name: string;
  readonly adopt: boolean;
  readonly profile: Pick<Profile, 'protocol'>;
}

/** What a listing needs: the part of a target that only reads. */
export type ListingDeps = {
  readonly target: Pick<Target, 'list'>;
  readonly store: Pick<ComparedTarget, 'listingCache'>;
  readonly emit: Emit;
};

/** Prepares the listings of one pass at one target. */
export function createListings(
  deps: ListingDeps & {
    readonly target: Pick<Target, 'list' | 'idle'>;
    readonly store: ServingTarget;
    readonly clock: Clock;
  },
  {
    spec,
    mapping,
    hasMemory,
    countCreated,
  }: {
    readonly spec: ListedTarget;
    readonly mapping: TargetMapping;
    /** The users that this run created so far. */
    readonly countCreated: () => number;
  } & Pick<ListingFacts, 'hasMemory'>,
): Listings {
  const results = new Map<ResourceType, ListingResult>();
  const listOnce = async (resourceType: ResourceType, stop: AbortSignal): Promise<ListingResult> => {
    const earlier = results.get(resourceType);
    if (earlier !== undefined) return earlier;
    await deps.target.idle();
    const result = await listIntoCache(deps, spec.name, resourceType, mapping, stop);
    results.set(resourceType, result);
    if (resourceType === 'User' && result.found > 0) {
      await collectOrphans(deps.store, mapping, { isComplete: result.complete, hasMemory }, deps.clock.now());
      const counts = await deps.store.orphans.counts();
      const found = result.found - countCreated();
      if (!hasMemory && found > 0) deps.emit({ type: 'noMemory', target: spec.name, found, ...counts });
    }
    // An incomplete listing is repeated by the next pass that has many creates.
    if (result.complete && resourceType === 'User') await deps.store.saveListedAt(deps.clock.now());
    return result;
  };
  return {
    hasMemory,
    of: (resourceType) => results.get(resourceType),
    ensure: async (resourceType, stop) => (maybeListed(spec) ? listOnce(resourceType, stop) : undefined),
    forAbsence: listOnce,
  };
}

/** Whether a listing of the target can lead to an adoption. */
export const maybeListed = ({ adopt, profile }: Omit<ListedTarget, 'name'>): boolean =>
  adopt && profile.protocol.listing !== 'unreliable';

/** Lists a type into the cache, page by page, and reports the result. */
export async function listIntoCache(
  { target, store, emit }: ListingDeps,
  name: string,
  resourceType: ResourceType,
  mapping: TargetMapping,
  stop: AbortSignal,
): Promise<ListingResult> {
  emit({ type: 'listing', target: name, resourceType });
  await store.listingCache.clear(resourceType);
  const pages = target.list(resourceType, mapping.paths(resourceType), stop);
  let found = 0;
  for (let step = await pages.next(); ; step = await pages.next()) {
    if (step.done === true) {
      const { complete, detail } = step.value;
      emit({ type: 'listed', target: name, resourceType, found, complete, detail });
      return { found, complete, detail };
    }
    found += step.value.length;
    await store.listingCache.add(resourceType, step.value);
  }
}
