import type { Operation } from '../../model/operation.ts';
import type { Outcome, RemoteResource } from '../../model/outcome.ts';
import type { ResourceType } from '../../model/resource-type.ts';
import type { PerformResult } from '../../scim/target.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { judgeOwnership } from './ownership.ts';

/**
 * With at least this many creates at a target that was never listed, one listing is cheaper than a conflict and a
 * look-up for each.
 */
const minCreatesForListing = 20;
/** This many creates that found an existing account are a sign of more. */
const minConflictsForListing = 10;

/** Finds existing accounts, so that a create does not duplicate them. */
export interface Adoption {
  /** Lists the target's resources where that saves requests, before a create of this type is sent. */
  listIfWorthwhile(resourceType: ResourceType, stop: AbortSignal): Promise<void>;
  /** The outcome of a create whose account the listing shows; undefined: it does not, so the create is sent. */
  findListed(operation: Operation): PerformResult<Outcome> | undefined;
  /**
   * Whether the target may create a duplicate, so that the create looks it up first. After a complete listing that is
   * not needed.
   */
  mayDuplicate(operation: Operation): boolean;
  /** A create found an existing account. */
  countConflict(resourceType: ResourceType): void;
}

/**
 * Finds existing accounts with few requests: many by listing the target, few by the conflict that creating them gives.
 * An account that the listing does not show may still exist: it is created, and a conflict is looked up.
 */
export function createAdoption(deps: ExecutionDeps, { pass, round, spec, mapping }: ExecutionRound): Adoption {
  const { journal, store, target, clock, emit } = deps;
  const { protocol } = spec.profile;
  const listedTypes = new Set<ResourceType>();
  const completeTypes = new Set<ResourceType>();
  const conflicts: Record<ResourceType, number> = { User: 0, Group: 0 };
  const creates = new Map<ResourceType, number>();

  const isListingWorthwhile = async (resourceType: ResourceType): Promise<boolean> => {
    if (conflicts[resourceType] >= minConflictsForListing) return true;
    if ((await store.state()).listedAt !== undefined) return false;
    if (!creates.has(resourceType))
      creates.set(resourceType, await journal.countCreates(pass, spec.name, round, resourceType));
    return (creates.get(resourceType) ?? 0) >= minCreatesForListing;
  };

  /** Managers are adopted before their reports, so the snapshot knows them by now. */
  const adopted = (operation: Operation, resource: RemoteResource, attribute: string): Outcome => {
    const account = store.owner(operation.resourceType, resource.remoteId);
    const manager = resource.manager === undefined ? undefined : store.owner('User', resource.manager);
    return judgeOwnership(
      operation,
      { kind: 'existing', status: 200, resource, by: attribute, origin: 'lookup' },
      { ...(account === undefined ? {} : { account }), ...(manager === undefined ? {} : { manager }) },
      spec,
    );
  };

  return {
    async listIfWorthwhile(resourceType, stop) {
      if (!spec.adopt || protocol.listing === 'unreliable' || listedTypes.has(resourceType)) return;
      if (!(await isListingWorthwhile(resourceType))) return;
      listedTypes.add(resourceType);
      await target.idle();
      emit({ type: 'listing', target: spec.name, resourceType });
      await store.listingCache.clear(resourceType);
      const pages = target.list(resourceType, mapping.paths(resourceType), stop);
      let found = 0;
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done === true) {
          const { complete, detail } = step.value;
          emit({ type: 'listed', target: spec.name, resourceType, found, complete, detail });
          if (complete) completeTypes.add(resourceType);
          // An incomplete listing is repeated by the next pass that has many creates.
          if (complete && resourceType === 'User') await store.saveListedAt(clock.now());
          return;
        }
        found += step.value.length;
        await store.listingCache.add(resourceType, step.value);
      }
    },

    findListed(operation) {
      const { action, resourceType } = operation;
      if (action !== 'create' || !listedTypes.has(resourceType)) return undefined;
      for (const attribute of resourceType === 'User' ? protocol.matchUsers : protocol.matchGroups) {
        const value = operation.body[attribute];
        if (typeof value !== 'string') continue;
        const [match, other] = store.listingCache.find(resourceType, attribute, value);
        if (match === undefined) continue;
        const outcome = other === undefined ? adopted(operation, match, attribute) : ambiguousOutcome(attribute, value);
        return { outcome, requests: 0, retries: 0 };
      }
      return undefined;
    },

    mayDuplicate: ({ action, resourceType }) =>
      action === 'create' && protocol.allowsDuplicates.includes(resourceType) && !completeTypes.has(resourceType),

    countConflict(resourceType) {
      conflicts[resourceType] += 1;
    },
  };
}

const ambiguousOutcome = (attribute: string, value: string): Outcome => ({
  kind: 'rejected',
  status: 409,
  detail:
    `more than one account at the target has ${attribute} "${value}", so it is unknown which one is meant: ` +
    'change or remove all but one of them',
});
