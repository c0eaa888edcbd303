import type { ResourceType } from '../model/resource-type.ts';
import type { Operation } from '../model/operation.ts';
import type { RemoteResource } from '../model/outcome.ts';
import { managerPath } from '../model/path.ts';
import type { PerformResult } from '../scim/target.ts';
import type { ExecutionDeps, ExecutionRound } from './context.ts';

/** From so many creates on, at a target that was never listed, one listing is cheaper than a conflict and a look-up each. */
const minCreatesForListing = 20;
/** So many accounts that turned out to be there already mean that there are more. */
const minConflictsForListing = 10;

export interface Adoption {
  /** Lists the target's accounts where that pays, before a create of this type is sent. */
  listIfWorthwhile(resourceType: ResourceType, stop: AbortSignal): Promise<void>;
  /** The outcome of a create whose account the listing has seen; undefined: not seen, send it. */
  findListed(operation: Operation): PerformResult | undefined;
  /** Whether a create may make a second one of the same name without a word. Who was looked for among everybody need not be looked for singly. */
  mayDuplicate(operation: Operation): boolean;
  /** Another account was there already. */
  countConflict(resourceType: ResourceType): void;
}

/**
 * Finds accounts that are there already with few requests: many at once by listing the target, few singly by the conflict
 * that creating them gives. What a listing does not show proves nothing: it is created, and a conflict is looked up.
 */
export function createAdoption(deps: ExecutionDeps, { pass, round, spec, mapping }: ExecutionRound): Adoption {
  const { journal, store, target, clock, emit } = deps;
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

  /** Managers are adopted before their people, so that who they are is known by now. */
  const withManager = ({ manager, ...resource }: RemoteResource): RemoteResource => {
    const key = manager === undefined ? undefined : store.owner('User', manager);
    return key === undefined ? resource : { ...resource, body: { ...resource.body, [managerPath]: key } };
  };

  return {
    async listIfWorthwhile(resourceType, stop) {
      if (
        !spec.adopt ||
        spec.profile.protocol.listing === 'unreliable' ||
        listedTypes.has(resourceType) ||
        !(await isListingWorthwhile(resourceType))
      )
        return;
      listedTypes.add(resourceType);
      await target.idle();
      emit({ type: 'listing', target: spec.name, resourceType });
      await store.listingCache.clear(resourceType);
      const pages = target.list(resourceType, mapping.paths(resourceType), stop, store.owner);
      let found = 0;
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done === true) {
          emit({
            type: 'listed',
            target: spec.name,
            resourceType,
            found,
            complete: step.value.complete,
            detail: step.value.detail,
          });
          if (step.value.complete) completeTypes.add(resourceType);
          // A listing that broke off is tried again by the next pass that has much to create.
          if (step.value.complete && resourceType === 'User') await store.saveListedAt(clock.now());
          return;
        }
        found += step.value.length;
        await store.listingCache.add(resourceType, step.value);
      }
    },

    findListed(operation) {
      if (operation.action !== 'create' || !listedTypes.has(operation.resourceType)) return undefined;
      const { resourceType, key, body } = operation;
      const attributes = resourceType === 'User' ? spec.profile.protocol.matchUsers : spec.profile.protocol.matchGroups;
      for (const attribute of attributes) {
        const value = body[attribute];
        if (typeof value !== 'string') continue;
        const matches = store.listingCache.find(resourceType, attribute, value);
        if (matches.length === 0) continue;
        return { outcome: outcomeOf(matches, attribute, value), requests: 0, retries: 0 };
      }
      return undefined;

      function outcomeOf(
        matches: readonly RemoteResource[],
        attribute: string,
        value: string,
      ): PerformResult['outcome'] {
        const [match, other] = matches;
        if (match === undefined || other !== undefined) {
          return {
            kind: 'rejected',
            status: 409,
            detail: `more than one account there has ${attribute} "${value}"; which of them is meant cannot be guessed: make them differ there`,
          };
        }
        const owner = store.owner(resourceType, match.remoteId);
        if (owner !== undefined && owner !== key) {
          return { kind: 'rejected', status: 409, detail: `${attribute} "${value}" is the account of key ${owner}` };
        }
        return { kind: 'adopted', status: 200, resource: withManager(match) };
      }
    },

    mayDuplicate: ({ action, resourceType }) =>
      action === 'create' &&
      spec.profile.protocol.allowsDuplicates.includes(resourceType) &&
      !completeTypes.has(resourceType),

    countConflict(resourceType) {
      conflicts[resourceType] += 1;
    },
  };
}
